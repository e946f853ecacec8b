"""The library in the admin: Theo keeps it, nobody else of the cast gets in."""

import re
from typing import Any

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from programs.loading import load_library
from programs.models import Gate, Ladder, LevelVersion, Phase, PhaseItem, ProgramTemplate, ProgramVersion
from tests.factories.library import published_library
from tests.factories.people import join
from tests.programs.admin_pages import filled_in, listing, page

LISTS = ("gate", "ladder", "programtemplate", "programversion")


@pytest.fixture
def book(clinic, now):
    return published_library(clinic, now)


@pytest.fixture
def theos(client_of, theo):
    return client_of(theo)


@pytest.mark.parametrize("name", LISTS)
def test_theo_sees_every_list(theos, book, name):
    assert theos.get(listing(name)).status_code == 200


@pytest.mark.parametrize("who", ["dana", "ravi", "ana", "olga"])
@pytest.mark.parametrize("name", ["index", *LISTS])
def test_nobody_else_gets_into_the_admin(request, client_of, who, name):
    person = request.getfixturevalue(who)
    address = reverse("admin:index") if name == "index" else listing(name)

    assert client_of(person).get(address).status_code == 403


def test_a_stranger_is_sent_to_the_sign_in_page_of_the_house(client, db):
    answer = client.get(listing("ladder"), follow=True)

    assert answer.redirect_chain[-1][0] == "/sign-in/?next=/admin/programs/ladder/"


def test_a_trainer_of_another_clinic_finds_nothing_here(client_of, olga, other_clinic, book):
    olga.memberships.update(trainer=True)
    ladder = Ladder.objects.get(code="BRG")
    client = client_of(olga)

    assert b"Bridge" not in client.get(listing("ladder")).content
    assert client.get(page(ladder)).status_code == 302
    assert client.get(page(book["BALL_PROGRESSION"], "publish")).status_code == 404


def test_a_template_leads_to_each_of_its_versions(theos, book):
    """By a link that is seen: what stands with the row's name is for screen readers."""
    version = book["BALL_PROGRESSION"]
    text = theos.get(page(version.template)).content.decode()

    assert re.search(rf'<a href="{page(version)}">\s*{version.number}\s*</a>', text)


def test_theo_with_two_clinics_sees_only_the_active_one(theos, theo, other_clinic, clinic, now):
    join(other_clinic, theo, "trainer")
    load_library(clinic, actor=None, now=now)
    Gate.objects.create(clinic=other_clinic, code="canary", text="Canary gate", recorded_by="therapist")

    assert b"Canary" not in theos.get(listing("gate")).content


def test_every_page_of_the_library_opens(theos, book):
    version = book["NERVE_FIRST_HINGE"]
    ladder, gate = Ladder.objects.get(code="CRL"), Gate.objects.get(code="hinge_3_points")
    addresses = [reverse("admin:index"), page(ladder), page(gate), page(version.template), page(version)]
    addresses += [page(version.phases.first()), page(ladder, "history")]
    addresses += [page(version, name) for name in ("preview", "draft", "retire", "publish")]

    assert [theos.get(address).status_code for address in addresses] == [200] * len(addresses)


def test_no_page_carries_an_inline_script_or_style(theos, book):
    version = book["BALL_PROGRESSION"]
    addresses = [reverse("admin:index"), listing("ladder"), page(Ladder.objects.get(code="BRG")), page(version)]
    text = "".join(theos.get(address).content.decode() for address in addresses)

    assert re.findall(r"<script(?![^>]*(?:src=|application/json))|<style|\sstyle=|\son\w+=", text) == []


def test_theo_edits_a_level_and_publishes_it_as_a_new_version(theos, theo, book):
    old = book["BALL_PROGRESSION"]
    ladder = Ladder.objects.get(code="BRG")
    level = ladder.levels.get(code="BRG-1")
    data = filled_in(theos.get(page(ladder)))
    row = next(key for key, value in data.items() if str(value) == str(level.pk)).removesuffix("-id")

    data |= {f"{row}-reps_high": "12", "cues": "press evenly\nbreathe out on the way up"}
    assert theos.post(page(ladder), data).status_code == 302
    theos.post(page(old, "draft"))
    draft = ProgramVersion.objects.get(template=old.template, state="draft")
    theos.post(page(draft, "publish"), {"change_note": "Fewer repetitions to begin with."})

    draft.refresh_from_db()
    assert (draft.state, draft.number, draft.published_by) == ("published", 2, theo)
    assert starting_reps(old) == 15
    assert starting_reps(draft) == 12
    assert ladder.versions.get(number=2).content["cues"] == ["press evenly", "breathe out on the way up"]
    verbs = AuditEntry.objects.filter(actor=theo).order_by("at", "pk").values_list("verb", flat=True)
    assert list(verbs) == ["change_ladder", "draft_version", "publish_version"]


def starting_reps(version) -> int:
    item = version.phases.get(position=1).items.get(position=1)
    return LevelVersion.objects.get(ladder_version=item.ladder_version_id, code="BRG-1").content["reps_high"]


def test_saving_an_untouched_ladder_changes_nothing(theos, book, now, clinic):
    ladder = Ladder.objects.get(code="SDL")

    assert theos.post(page(ladder), filled_in(theos.get(page(ladder)))).status_code == 302

    assert load_library(clinic, actor=None, now=now).kept == []
    assert not AuditEntry.objects.filter(verb="change_ladder").exists()


@pytest.mark.parametrize(
    ("code", "place", "order"),
    [
        ("SDL-1", "3", ["SDL-2", "SDL-3", "SDL-1"]),
        ("SDL-3", "1", ["SDL-3", "SDL-1", "SDL-2"]),
        ("SDL-2", "", ["SDL-1", "SDL-3", "SDL-2"]),
    ],
)
def test_a_level_moves_by_its_position(theos, book, code, place, order):
    ladder = Ladder.objects.get(code="SDL")
    data = filled_in(theos.get(page(ladder)))
    pk = str(ladder.levels.get(code=code).pk)
    row = next(key for key, value in data.items() if str(value) == pk).removesuffix("-id")

    theos.post(page(ladder), data | {f"{row}-position": place})

    assert list(ladder.levels.order_by("position").values_list("code", flat=True)) == order
    assert list(ladder.levels.order_by("position").values_list("position", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("lighter", "shorten_rom\nrun_faster", "Line 2: “run_faster” is none of"),
        ("requires_gates", "moon", "“moon” is not one of the choices"),
        ("requires_any_of-1-equipment", "bench", "Row 1: Level reached: Choose one of these."),
        ("contraindications_at", "SDL-1", "Line 1: “SDL-1” needs a name, a colon"),
        ("equipment_alternatives", "stick\ndowel: broom", "Either every line has a name and a colon, or none has."),
    ],
)
def test_a_slip_in_a_ladder_is_named(theos, book, field, value, error):
    ladder = Ladder.objects.get(code="SDL")
    data = filled_in(theos.get(page(ladder))) | {field: value}

    assert error in str(theos.post(page(ladder), data).context["adminform"].form.errors)


def test_a_level_with_an_impossible_dose_is_refused(theos, book):
    ladder = Ladder.objects.get(code="SDL")
    data = filled_in(theos.get(page(ladder))) | {"levels-0-reps_low": "4000"}

    answer = theos.post(page(ladder), data)

    assert "4000: goes from 1 to 300" in answer.content.decode()


def test_a_published_version_is_shown_and_cannot_be_changed(theos, book):
    version = book["BALL_PROGRESSION"]

    answer = theos.get(page(version))

    assert 'name="title"' not in answer.content.decode()
    assert theos.post(page(version), {"title": "Other"}).status_code == 403
    assert theos.post(page(version, "delete"), {"post": "yes"}).status_code == 403
    phase = version.phases.first()
    assert theos.post(page(phase), {"name": "Other"}).status_code == 403


def test_publishing_needs_a_note(theos, book, theo, now):
    theos.post(page(book["BALL_PROGRESSION"], "draft"))
    draft = ProgramVersion.objects.get(state="draft")

    answer = theos.post(page(draft, "publish"), {"change_note": " "})

    assert answer.context["form"].errors == {"change_note": ["Change note: say what changed and why."]}
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_second_draft_leads_to_the_first(theos, book):
    version = book["BALL_PROGRESSION"]
    theos.post(page(version, "draft"))

    answer = theos.post(page(version, "draft"), follow=True)

    assert answer.redirect_chain == [(page(ProgramVersion.objects.get(state="draft")), 302)]
    assert "has a draft already" in answer.content.decode()


def test_theo_retires_a_version(theos, book):
    version = book["BALL_PROGRESSION"]

    theos.post(page(version, "retire"))

    version.refresh_from_db()
    assert version.state == "retired"


def test_a_new_template_is_built_from_nothing(theos, book):
    theos.post(
        reverse("admin:programs_programtemplate_add"),
        {"code": "SHORT", "title": "Short one", "sources": "", "versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0},
    )
    draft = ProgramVersion.objects.get(template__code="SHORT")
    data = filled_in(theos.get(page(draft)))
    data |= {"phases-TOTAL_FORMS": "1", "phases-0-name": "only", "phases-0-day_from": "1", "phases-0-day_to": "14"}
    assert theos.post(page(draft), data).status_code == 302
    phase = Phase.objects.get(version=draft)
    data = filled_in(theos.get(page(phase))) | {
        "exit-1-group": "any",
        "exit-1-what": "therapist",
        "items-0-ladder": str(Ladder.objects.get(code="BRG").pk),
        "items-0-start_code": "BRG-1",
        "items-0-cap_code": "BRG-3",
        "items-0-from_day": "1",
    }

    assert theos.post(page(phase), data).status_code == 302
    theos.post(page(draft, "publish"), {"change_note": "First."})

    draft.refresh_from_db()
    assert draft.state == "published"
    assert PhaseItem.objects.get(phase=phase, ladder_version__code="BRG").start_code == "BRG-1"


def test_the_preview_reads_as_a_patient_would(theos, book):
    text = theos.get(page(book["NERVE_FIRST_HINGE"], "preview")).content.decode()

    assert "1–2 × 15–20, on the side being treated" in text
    assert "down 2 s, up 2 s" in text


@pytest.mark.parametrize("name", LISTS)
def test_one_row_and_three_take_the_same_queries(theos, clinic, now, name, django_assert_num_queries):
    load_library(clinic, actor=None, now=now)
    models: dict[str, Any] = {
        "gate": Gate,
        "ladder": Ladder,
        "programtemplate": ProgramTemplate,
        "programversion": ProgramVersion,
    }

    def keep(number: int) -> None:
        Phase.objects.all().delete()
        ProgramVersion.objects.exclude(pk__in=ProgramVersion.objects.order_by("pk").values("pk")[:number]).delete()
        drafted = ProgramVersion.objects.values("template")
        ProgramTemplate.objects.exclude(pk__in=drafted).delete()
        for other in (models["ladder"], models["gate"]):
            other.objects.exclude(pk__in=other.objects.order_by("pk").values("pk")[:number]).delete()

    keep(3)
    with django_assert_num_queries(QUERIES):
        assert theos.get(listing(name)).context["cl"].result_count == 3
    keep(1)
    with django_assert_num_queries(QUERIES):
        assert theos.get(listing(name)).context["cl"].result_count == 1
    assert models[name].objects.count() == 1


QUERIES = 5  # user, membership with clinic, two counts, rows


def test_a_code_once_given_stays(theos, book):
    ladder = Ladder.objects.get(code="SDL")

    theos.post(page(ladder), filled_in(theos.get(page(ladder))) | {"code": "XYZ", "levels-0-code": "XYZ-1"})

    ladder.refresh_from_db()
    assert (ladder.code, ladder.levels.get(position=1).code) == ("SDL", "SDL-1")


@pytest.mark.parametrize("code", ["sdl", "A", "TOO-LONG-CODE", "SD L"])
def test_a_ladder_needs_a_code_that_levels_can_build_on(theos, book, code):
    form = theos.post(reverse("admin:programs_ladder_add"), {"code": code}).context["adminform"].form

    assert "code" in form.errors


def test_a_list_and_a_page_go_by_what_they_show_and_days_are_written_as_everywhere(theos, book):
    assert "<h1>Program versions</h1>" in theos.get(listing("programversion")).content.decode()
    text = theos.get(page(book["BALL_PROGRESSION"])).content.decode()
    assert "<h1>Program version</h1>" in text
    assert "2 Mar 2026, 09:00" in text


def test_a_version_that_stands_alone_has_nothing_to_choose_from(theos, book):
    text = theos.get(page(book["BALL_PROGRESSION"], "compare")).content.decode()
    assert "There is no other version to set it beside." in text
    assert 'name="with"' not in text
