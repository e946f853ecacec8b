"""Pain reported outside a session: nothing odd on the form may lose a warning sign."""

import pytest

from clinic.refusals import Refused
from patients.models import Hold, PainReport
from patients.reports import report_pain
from tests.factories.programs import a_program, item_of


@pytest.fixture
def program(ana, library, now):
    return a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)


def test_a_warning_sign_beside_words_nobody_knows_is_kept(ana, program, now):
    reported = report_pain(
        ana, pain=99, words=["bang"], neuro=["dizzy"], red_flags=["bladder_change"], actor=ana.user, now=now
    )

    assert reported.safety.kind == "emergency"
    assert PainReport.objects.get().facts["red_flags"] == ["bladder_change"]


def test_a_warning_sign_nobody_knows_is_refused_and_not_taken_for_none(ana, program, now):
    with pytest.raises(Refused) as refused:
        report_pain(ana, pain=2, red_flags=["bladder"], actor=ana.user, now=now)

    assert set(refused.value.errors) == {"red_flags"}


def test_an_exercise_of_another_patient_gives_away_nothing(ana, other_patient, library, program, now):
    theirs = item_of(a_program(other_patient, library["BALL_PROGRESSION"], now=now), "BRG")
    report_pain(ana, item=theirs, pain=8, actor=ana.user, now=now)

    report = PainReport.objects.get()
    assert (report.episode, report.item) == (program.episode, None)
    assert not Hold.objects.exclude(patient=ana).exists()


def test_reporting_a_held_exercise_again_holds_once_and_says_so(ana, program, now):
    item = item_of(program, "BRG")
    first = report_pain(ana, item=item, pain=8, actor=ana.user, now=now)
    again = report_pain(ana, item=item, pain=8, actor=ana.user, now=now)

    assert (again.safety.kind, again.holds) == ("item", first.holds)
    assert Hold.objects.count() == 1


def test_a_worse_report_about_a_held_exercise_widens_the_hold(ana, program, now):
    item = item_of(program, "BRG")
    report_pain(ana, item=item, pain=8, actor=ana.user, now=now)
    report_pain(ana, item=item, pain=2, red_flags=["chest_pain"], actor=ana.user, now=now)

    assert item_of(program, "BRG").stopped_by.severity == 1
    assert item_of(program, "HRS").stopped_by.scope == "plan"


def test_a_milder_report_after_an_emergency_still_tells_of_the_emergency(ana, program, now):
    item = item_of(program, "BRG")
    report_pain(ana, item=item, pain=2, red_flags=["chest_pain"], actor=ana.user, now=now)

    assert report_pain(ana, item=item, pain=8, actor=ana.user, now=now).safety.kind == "emergency"
