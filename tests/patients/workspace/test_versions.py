"""The pages on which Dana sees who runs on an older version, and moves one, some or all of them."""

import pytest
from django.urls import reverse

from patients import adjustments
from patients.models import Program, ProgramEvent
from tests.conftest import CANARY
from tests.factories.library import published_library
from tests.factories.people import make_patient
from tests.factories.programs import a_program, item_of
from tests.factories.versions import NOTE, a_newer_version

SHORTER = {"BRG-1": {"reps_low": 5, "reps_high": 6}}


@pytest.fixture
def three(clinic, dana, library, now):
    """Bo, Cy and Di on version 1."""
    patients = [make_patient(clinic, name, owner=dana) for name in ("Bo", "Cy", "Di")]
    return [a_program(one, library["BALL_PROGRESSION"], now=now) for one in patients]


@pytest.fixture
def second(three, library):
    return a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)


def moves_url(version):
    return reverse("workspace:moves", args=[version.template_id])


def numbers():
    return list(Program.objects.order_by("patient__identity__name").values_list("version__number", flat=True))


def test_the_list_of_programs_counts_who_runs_on_an_older_version(client_of, dana, second):
    text = client_of(dana).get(reverse("workspace:programs")).content.decode()
    assert NOTE in text
    assert moves_url(second) in text


def test_a_clinic_without_programs_says_who_makes_them(client_of, dana):
    assert "No published program" in client_of(dana).get(reverse("workspace:programs")).content.decode()


def test_everybody_on_an_older_version_is_listed_with_what_would_change(client_of, dana, second):
    text = client_of(dana).get(moves_url(second)).content.decode()
    assert all(name in text for name in ("Bo", "Cy", "Di"))
    assert text.count("1 exercise changes") == 3


def test_the_ticked_ones_move_and_the_others_stay(client_of, dana, three, second):
    text = client_of(dana).post(moves_url(second), {"program": [three[0].pk, three[2].pk]}).content.decode()
    assert "2 patients moved" in text
    assert numbers() == [2, 1, 2]


def test_all_move_but_who_is_on_hold(client_of, dana, three, second, now):
    adjustments.hold(three[1], scope="item", item=item_of(three[1], "BRG"), reason="Pain", actor=dana, now=now)
    text = client_of(dana).post(moves_url(second), {"all": "1"}).content.decode()
    assert "was not moved:" in text
    assert "is on hold: follow that up first" in text
    assert numbers() == [2, 1, 2]


def test_sent_again_nobody_moves_twice(client_of, dana, three, second):
    form = {"program": [three[0].pk]}
    client_of(dana).post(moves_url(second), form)
    text = client_of(dana).post(moves_url(second), form).content.decode()
    assert "Nobody was moved" in text
    assert ProgramEvent.objects.filter(kind="version").count() == 1


def test_nobody_ticked_is_said(client_of, dana, second):
    text = client_of(dana).post(moves_url(second)).content.decode()
    assert "Tick at least one patient" in text


def test_a_program_of_another_clinic_is_not_moved_by_a_swapped_id(
    client_of, dana, second, canary_patient, other_clinic, now
):
    foreign = a_program(canary_patient, published_library(other_clinic)["BALL_PROGRESSION"], now=now)
    text = client_of(dana).post(moves_url(second), {"program": [foreign.pk]}).content.decode()
    assert CANARY not in text
    foreign.refresh_from_db()
    assert foreign.version.number == 1


def test_three_patients_cost_what_one_costs(client_of, dana, clinic, library, now, queries_of):
    first = make_patient(clinic, "Bo", owner=dana)
    a_program(first, library["BALL_PROGRESSION"], now=now)
    version = a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)
    counts = [queries_of(client_of(dana), moves_url(version))]
    for name in ("Cy", "Di"):
        a_program(make_patient(clinic, name, owner=dana), library["BALL_PROGRESSION"], now=now)
    counts.append(queries_of(client_of(dana), moves_url(version)))
    assert counts[0] == counts[1]


def test_three_programs_cost_what_one_costs(client_of, dana, clinic, library, now, queries_of):
    url = reverse("workspace:programs")
    counts = []
    for code in ("BALL_PROGRESSION", "HINGE_REEDUCATION", "HOME_HAMSTRING_FOUNDATION"):
        a_program(make_patient(clinic, code, owner=dana), library[code], now=now)
        counts.append(queries_of(client_of(dana), url))
    assert len(set(counts)) == 1


def test_the_patient_page_offers_the_newer_version(client_of, dana, ana, program, library):
    url = reverse("workspace:patient", args=[ana.pk])
    assert "newer version" not in client_of(dana).get(url).content.decode()
    a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)
    assert reverse("workspace:version_move", args=[ana.pk]) in client_of(dana).get(url).content.decode()


def test_one_patient_is_moved_after_a_close_look_and_moved_back(client_of, dana, ana, program, library):
    a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)
    url = reverse("workspace:version_move", args=[ana.pk])
    text = client_of(dana).get(url).content.decode()
    assert "2 × 8–15" in text
    assert "2 × 5–6" in text

    client_of(dana).post(url)
    assert Program.objects.get().version.number == 2
    patient_page = client_of(dana).get(reverse("workspace:patient", args=[ana.pk])).content.decode()
    assert "Take the move back" in patient_page

    client_of(dana).post(reverse("workspace:version_undo", args=[ana.pk]))
    assert Program.objects.get().version.number == 1


def test_why_one_cannot_be_moved_stands_before_the_button(client_of, dana, ana, program, library, now):
    adjustments.pause(program, until=None, reason="Holiday", actor=dana, now=now)
    a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)
    text = client_of(dana).get(reverse("workspace:version_move", args=[ana.pk])).content.decode()
    assert "The program is paused: go on with it first" in text
    assert "Move to version 2 today" not in text
