"""The library in files, in the admin: out, looked at, in."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinic.models import AuditEntry
from programs.level_sheet import sheet_text
from programs.library_export import library_text
from programs.loading import load_library
from programs.models import Gate, Ladder, Level, ProgramVersion
from tests.factories.library import published_library

PAGE = reverse("admin:programs_ladder_exchange")


@pytest.fixture
def theos(client_of, theo):
    return client_of(theo)


def looked_at(client, text: str, name: str = "mine.yaml"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, text.encode())})


def brought_in(client, look, *replace: str):
    ticket = re.search(r'name="looked_at" value="([^"]+)"', look.content.decode())
    assert ticket
    return client.post(PAGE, {"looked_at": ticket[1], "replace": replace}, follow=True)


def test_a_library_goes_from_one_clinic_to_another(theos, clinic, other_clinic, olga, client_of, now):
    published_library(clinic, now)
    olga.memberships.update(trainer=True)
    text = theos.get(reverse("admin:programs_ladder_yaml")).content.decode()

    look = looked_at(client_of(olga), text)
    assert "30 new" in look.content.decode()
    assert not Ladder.objects.of(other_clinic).exists()

    answer = brought_in(client_of(olga), look)
    assert "8 new gates, 14 new ladders, 8 new templates; 0 replaced." in answer.content.decode()
    assert library_text(other_clinic) == text
    assert AuditEntry.objects.filter(verb="load_library", actor=olga, clinic=other_clinic).count() == 1


def test_what_is_here_stays_unless_it_is_ticked(theos, clinic, now):
    published_library(clinic, now)
    text = library_text(clinic)
    Ladder.objects.filter(code="BRG").update(title="My bridge")
    Gate.objects.filter(code="hinge_3_points").update(text="My points")
    version = ProgramVersion.objects.get(template__code="BALL_PROGRESSION")
    look = looked_at(theos, text.replace("title: Ball progression", "title: Ball work"))
    assert "3 different" in look.content.decode()

    brought_in(theos, look, "ladder BRG", "template BALL_PROGRESSION")

    assert Ladder.objects.get(code="BRG").title == "Bridge, floor to ball to single leg"
    assert Gate.objects.get(code="hinge_3_points").text == "My points"
    assert list(version.template.versions.order_by("number").values_list("title", "state")) == [
        ("Ball progression", "published"),
        ("Ball work", "draft"),
    ]


def test_a_template_with_a_draft_refuses_another_and_nothing_is_brought_in(theos, clinic, now):
    load_library(clinic, actor=None, now=now)
    text = library_text(clinic).replace("title: Ball progression", "title: Ball work")
    Ladder.objects.filter(code="STA").delete()

    answer = brought_in(theos, looked_at(theos, text), "template BALL_PROGRESSION")

    assert "has a draft already" in answer.content.decode()
    assert not Ladder.objects.filter(code="STA").exists()


def test_a_level_the_file_does_not_have_goes_and_a_new_one_comes(theos, clinic, now):
    load_library(clinic, actor=None, now=now)
    text = library_text(clinic).replace("DYN-2", "DYN-3")

    look = looked_at(theos, text)
    assert "DYN-2 goes" in look.content.decode()
    brought_in(theos, look, "ladder DYN")

    assert list(Level.objects.filter(ladder__code="DYN").order_by("position").values_list("code", flat=True)) == [
        "DYN-1",
        "DYN-3",
    ]


def test_levels_come_in_from_a_table(theos, clinic, now):
    load_library(clinic, actor=None, now=now)
    text = theos.get(reverse("admin:programs_ladder_csv")).content.decode()
    assert text == "\ufeff" + sheet_text(clinic)

    look = looked_at(theos, text.replace("floor bridge,", "low bridge,", 1), "levels.csv")
    brought_in(theos, look, "level BRG-1")

    assert Level.objects.get(code="BRG-1").name == "low bridge"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.yaml", b"ladders: {BRG: {title: [}}", "mine.yaml, line 1:"),
        ("mine.yaml", b"gates:\n  a: {by: nobody, text: x}", "(line 2). Nothing was loaded."),
        ("mine.yaml", b"gates: {a: &x {by: log, text: y}, b: *x}", "a reference (*x): write it out (line 1)"),
        ("mine.csv", b"ladder;level\n", "column “name” is missing (line 1)"),
        ("mine.txt", b"gates: {}", "must end in .yaml or .csv"),
        ("mine.yaml", b"\xff\xfe\x00", "is not text in UTF-8"),
        ("mine.yaml", b"#" * (512 * 1024 + 1), "512 kB: a file may have 512 kB at most"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason_and_changes_nothing(theos, clinic, name, content, said):
    answer = theos.post(PAGE, {"file": SimpleUploadedFile(name, content)})

    assert said in answer.content.decode()
    assert not Gate.objects.exists()


def test_an_altered_look_is_refused(theos):
    answer = theos.post(PAGE, {"looked_at": "made:up"}, follow=True)

    assert "Choose the file again" in answer.content.decode()


def test_an_export_that_could_not_be_read_back_says_why(theos, clinic, now):
    load_library(clinic, actor=None, now=now)
    Gate.objects.filter(code="curl_30_both_legs").delete()

    assert "curl_30_both_legs" in theos.get(PAGE).content.decode()
