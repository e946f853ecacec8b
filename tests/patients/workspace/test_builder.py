"""The program builder as Dana meets it: one form, many buttons, nothing typed is lost."""

import pytest
from django.urls import reverse

from patients.models import Program, ProgramDraft
from programs.models import LadderVersion
from tests.factories.programs import a_program, an_episode, item_of


@pytest.fixture
def episode(ana, library, now):
    return an_episode(ana, now=now)


@pytest.fixture
def url(ana):
    return reverse("workspace:builder", args=[ana.pk])


def add(code):
    return f"add:{LadderVersion.objects.filter(code=code).latest('number').pk}"


def seen_on(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def key_on(page: str) -> str:
    return page.split('name="order" value="')[1].split('"')[0]


def test_without_an_episode_it_says_what_to_do_first(client_of, dana, ana, library, url):
    assert "No episode is open" in client_of(dana).get(url).content.decode()


def test_a_program_is_built_looked_at_and_assigned(client_of, dana, ana, episode, library, url):
    browser = client_of(dana)
    browser.post(url, {"do": "take", "program": library["HOME_HAMSTRING_FOUNDATION"].pk})
    browser.post(url, {"do": add("HNG")})
    preview = browser.get(reverse("workspace:builder_preview", args=[ana.pk])).content.decode()
    assert "How to do it" in preview
    page = browser.get(url).content.decode()
    assert "3 exercises" in page
    answer = browser.post(url, {"do": "assign", "seen": seen_on(page)})
    assert answer.url == reverse("workspace:patient", args=[ana.pk])
    assert Program.objects.get().items.count() == 3


def test_what_was_typed_outlives_a_search(client_of, dana, episode, url):
    browser = client_of(dana)
    browser.post(url, {"do": add("BRG")})
    key = key_on(browser.get(url).content.decode())
    answer = browser.post(url, {"do": "find", "q": "hinge", f"sets-{key}": "many"})
    assert "q=hinge" in answer.url
    page = browser.get(answer.url).content.decode()
    assert 'value="many"' in page
    assert "“many” is not a number." in page


def test_a_refused_act_keeps_the_list_and_says_why(client_of, dana, episode, url):
    browser = client_of(dana)
    browser.post(url, {"do": add("BRG")})
    page = browser.get(url).content.decode()
    key = key_on(page)
    refused = browser.post(url, {"do": "assign", "seen": seen_on(page), f"reps_high-{key}": "4000"}).content.decode()
    assert "Nothing was assigned" in refused
    assert 'value="4000"' in refused
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    ("filters", "there", "gone"),
    [
        ({"q": "hinge drill"}, "HNG", "BRG"),
        ({"kind": "nerve"}, "NGL", "BRG"),
        ({"equipment": "resistance_band_light"}, "BHE", "HNG"),
    ],
)
def test_the_library_is_searched(client_of, dana, episode, url, filters, there, gone):
    page = client_of(dana).get(url, filters).content.decode().split('id="library"')[1]
    assert f"{there} ·" in page
    assert f"{gone} ·" not in page


def test_equipment_at_home_leaves_out_what_cannot_be_done(client_of, dana, ana, episode, url):
    page = client_of(dana).get(url, {"equipment": "home"}).content.decode().split('id="library"')[1]
    assert "BHE ·" not in page
    ana.equipment = ["resistance_band_light", "anchor_point"]
    ana.save()
    page = client_of(dana).get(url, {"equipment": "home"}).content.decode().split('id="library"')[1]
    assert "BHE ·" in page


def test_a_search_that_finds_nothing_says_so(client_of, dana, episode, url):
    assert "No exercise fits" in client_of(dana).get(url, {"q": "trampoline"}).content.decode()


def test_another_therapists_draft_is_said(client_of, dana, colleague, ana, episode, url):
    client_of(colleague).post(url, {"do": add("BRG")})
    page = client_of(dana).get(url).content.decode()
    assert "Colleague is putting together a program for this patient too" in page
    assert "Nothing here yet" in page


def test_a_running_program_is_added_to_and_taken_from(client_of, dana, ana, library, now, url):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    browser = client_of(dana)
    browser.post(url, {"do": add("HNG")})
    page = browser.get(url).content.decode()
    assert "Runs already" in page
    browser.post(url, {"do": "assign", "seen": seen_on(page)})
    off = reverse("workspace:exercise_off", args=[ana.pk, item_of(program, "BRG").pk])
    assert "Take off the program" in browser.get(off).content.decode()
    browser.post(off, {"reason": "Hurts the knee"})
    assert list(program.items.filter(ended_on=None).values_list("level__code", flat=True)) == ["HNG-1"]


def test_a_program_by_hand_reads_well_everywhere(client_of, dana, ana, episode, url):
    browser = client_of(dana)
    browser.post(url, {"do": add("BRG")})
    browser.post(url, {"do": "assign", "seen": seen_on(browser.get(url).content.decode())})
    for name, ids in (("patient", [ana.pk]), ("caseload", []), ("sheet", [ana.pk]), ("version_move", [ana.pk])):
        page = browser.get(reverse(f"workspace:{name}", args=ids)).content.decode()
        assert "None" not in page
    for path in ("/today/", "/program/", "/progress/"):
        assert "None" not in client_of(ana).get(path).content.decode()
    assert client_of(ana).get(reverse("api:today")).json()["program"]["title"] == "Put together by hand"


def test_emptied_and_kept(client_of, dana, episode, url):
    browser = client_of(dana)
    browser.post(url, {"do": add("BRG")})
    browser.post(url, {"do": "keep"})
    assert len(ProgramDraft.objects.get().lines) == 1
    browser.post(url, {"do": "clear"})
    assert ProgramDraft.objects.get().lines == []
