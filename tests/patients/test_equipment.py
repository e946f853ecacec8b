"""E21, missing equipment for the next level; the list itself; and what may stand in."""

from datetime import timedelta

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients.adjustments import set_level
from patients.equipment import NotOffered, add_equipment, lacking_next, more_instead, owned_by, set_equipment
from patients.models import Decision, Proposal
from patients.next_level import ways_up
from patients.proposals import approve
from programs.dose import from_json
from programs.equipment import lacking, things
from programs.models import LevelVersion
from tests.factories.programs import a_program, a_session, an_answer, as_planned, item_of, next_morning


def last_clean_day(program, now):
    """On BRG-3, the last of the clean days it asks for; the next level is the ball bridge."""
    item = item_of(program, "BRG")
    item.level = item.ladder_version.levels.get(code="BRG-3")
    item.dose = item.dose | {"sets": 1, "reps_low": 20, "reps_high": 30}
    item.level_since = now.date() - timedelta(days=9)
    item.state = {"memory": {"successes": 1}}
    item.save()
    a_session(program, as_planned(item), now=now)
    an_answer(program.patient, now=next_morning(now))
    return item_of(program, "BRG")


def test_e21_missing_equipment_for_the_next_level_blocks_advance(ana, dana, program, now):
    set_equipment(ana, [], actor=ana.user, now=now)
    item = last_clean_day(program, now)

    last = Decision.objects.filter(item=item).latest("sequence")
    assert (last.rule_id, last.proposal, item.level.code) == ("R-A03", "gate_check", "BRG-3")
    assert lacking_next(item) == ["exercise_ball"]
    missing = [one.text for one in ways_up(item.program, [item], now=now)[item.pk].missing]
    assert "Recorded before the next level: exercise ball at home" in missing
    with pytest.raises(Refused, match="BRG-4 needs: exercise ball"):
        approve(Proposal.objects.get(item=item), actor=dana, now=now)


def test_e21_a_fifth_more_repetitions_are_offered_instead_and_once(ana, program, now):
    set_equipment(ana, [], actor=ana.user, now=now)
    item = last_clean_day(program, now)

    item = more_instead(item, actor=ana.user, now=now + timedelta(days=1))
    dose = from_json(item.dose)
    assert (dose.reps_low, dose.reps_high) == (24, 36)
    assert item.state["memory"]["successes"] == 0
    assert Proposal.objects.get(item=item).state == "withdrawn"
    with pytest.raises(NotOffered):
        more_instead(item, actor=ana.user, now=now + timedelta(days=1))


def test_e21_what_has_been_got_since_lets_the_next_clean_day_move_on(ana, program, now):
    set_equipment(ana, [], actor=ana.user, now=now)
    last_clean_day(program, now)
    add_equipment(ana, "exercise_ball", actor=ana.user, now=now)

    program.patient.refresh_from_db()
    assert last_clean_day(program, now + timedelta(days=3)).level.code == "BRG-4"


def test_e21_what_has_been_got_since_closes_the_question_and_says_so(ana, program, now):
    set_equipment(ana, [], actor=ana.user, now=now)
    item = last_clean_day(program, now)
    add_equipment(ana, "foam_roller", actor=ana.user, now=now)
    assert Proposal.objects.get(item=item).state == "open"

    add_equipment(ana, "exercise_ball", actor=ana.user, now=now)
    assert Proposal.objects.get(item=item).state == "withdrawn"
    line = Decision.objects.filter(item=item).latest("sequence")
    assert line.reason == "What BRG-4 needs is at home now: exercise ball. The next clean day moves on."


def test_a_gate_that_is_missing_too_keeps_the_question_open(ana, dana, library, now):
    set_equipment(ana, ["bench"], actor=ana.user, now=now)
    deadlift = item_of(a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now), "SLD")
    set_level(deadlift, "SLD-3", reason="Seen today", actor=dana, now=now)
    Proposal.objects.create(patient=ana, item=deadlift, kind="gate_check", opened_at=now, due_on=now.date())
    set_equipment(ana, ["bench", "dumbbell", "kettlebell"], actor=ana.user, now=now)

    assert Proposal.objects.get(item=deadlift).state == "open"


def test_who_was_never_asked_is_not_held_up(ana, program, now):
    assert owned_by(ana) is None
    assert last_clean_day(program, now).level.code == "BRG-4"


def test_more_is_not_for_whom_nothing_is_missing(ana, program, now):
    with pytest.raises(NotOffered, match="not waiting"):
        more_instead(item_of(program, "BRG"), actor=ana.user, now=now)


@pytest.mark.parametrize(
    ("code", "owned", "missing"),
    [
        ("SQT-5", ["bench"], ["barbell_or_dumbbell"]),
        ("SQT-5", ["bench", "dumbbell"], []),
        ("HNG-3", [], ["dowel"]),
        ("HNG-3", ["broom"], []),
        ("BRG-2", [], []),
        ("CRL-1", [], ["exercise_ball_or_foam_roller"]),
        ("CRL-1", ["foam_roller"], []),
        ("HRS-1", [], []),
        ("BRG-4", None, []),
    ],
)
def test_what_a_level_lacks(library, code, owned, missing):
    level = LevelVersion.objects.filter(code=code).select_related("ladder_version").latest("ladder_version__number")
    assert lacking(level, owned) == missing


def test_the_list_is_the_patients_and_each_change_is_audited(ana, now):
    set_equipment(ana, ["foam_roller", "exercise_ball", "foam_roller"], actor=ana.user, now=now)

    ana.refresh_from_db()
    assert (ana.equipment, ana.equipment_asked_at) == (["exercise_ball", "foam_roller"], now)
    assert AuditEntry.objects.filter(verb="equipment", actor=ana.user, patient_id=ana.pk).count() == 1


def test_what_is_asked_for_is_named_once_and_nothing_every_home_has(clinic, library):
    offered = things(clinic)

    assert {"exercise_ball", "barbell", "dumbbell", "broom"} <= set(offered)
    assert not {"chair", "pillow", "barbell_or_dumbbell"} & set(offered)
    assert len(offered) == len(set(offered))
