"""Scores a phase waits for, and a usual pain set anew."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import measures, phases
from patients.models import Decision, FlagEvent, Measure, Program
from patients.phases import Progress, exit_holds
from tests.factories.programs import item_of
from tests.factories.story import Story

WAITS_FOR_PSFS = {"any": [{"measure": "PSFS", "change": 2}, {"therapist": True}]}


@pytest.fixture
def psfs(program, dana, now):
    """`psfs("4.3", 7)`: measured on the seventh day."""

    def record(value: str, day: int, **given) -> Measure:
        at = now + timedelta(days=day)
        return measures.record_measure(program.episode, "PSFS", value=Decimal(value), actor=dana, now=at, **given)

    return record


def waits(program, exit=WAITS_FOR_PSFS):
    return not exit_holds(exit, Progress(program))


def test_a_phase_that_waits_for_a_measure_looks_at_the_gain_since_the_first(program, psfs):
    assert waits(program), "nobody has measured"
    psfs("4.3", 0)
    assert waits(program), "one score is no change"
    psfs("6.2", 7)
    assert waits(program), "1.9 is not 2"
    psfs("6.3", 14)
    assert not waits(program)


def test_less_is_better_where_the_scale_says_so(program, dana, now):
    for day, value in ((0, 40), (7, 30)):
        at = now + timedelta(days=day)
        measures.record_measure(program.episode, "ODI", value=Decimal(value), actor=dana, now=at)

    assert not waits(program, {"all": [{"measure": "ODI", "change": 10}]})
    assert waits(program, {"all": [{"measure": "ODI", "change": 11}]})


def test_a_score_taken_back_does_not_count(program, psfs, dana, now):
    psfs("2", 0)
    wrong = psfs("9", 7)
    assert not waits(program)
    measures.revoke_measure(wrong, actor=dana, now=now + timedelta(days=7))

    assert waits(program)
    assert Measure.objects.count() == 2, "the row stays"


def test_a_measure_entered_late_stands_where_it_was_measured(program, psfs, now):
    psfs("6.5", 7)
    psfs("4", 8, measured_on=now.date())

    assert not waits(program)


def test_what_the_phase_waits_for_is_said_with_what_holds(program, psfs):
    last = program.version.phases.get(name="one leg")
    assert last.exit == WAITS_FOR_PSFS
    Program.objects.update(phase=last)
    program.refresh_from_db()
    for value, day in (("4", 0), ("7", 7)):
        psfs(value, day)

    assert phases.conditions_of(program) == [
        ("PSFS is better by 2 (one of these is enough)", True),
        ("a therapist signs it off (one of these is enough)", False),
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "MOOD"}, "code"),
        ({"value": Decimal("10.1")}, "value"),
        ({"value": Decimal("4.25")}, "value"),
        ({"value": Decimal(-1)}, "value"),
        ({"measured_on": "later"}, "measured_on"),
        ({"measured_on": "before"}, "measured_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(program, dana, now, given, field):
    days = {"later": now.date() + timedelta(days=1), "before": now.date() - timedelta(days=1)}
    values = {"code": "PSFS", "value": Decimal(4)} | {key: days.get(value, value) for key, value in given.items()}
    with pytest.raises(Refused) as refused:
        measures.record_measure(program.episode, actor=dana, now=now, **values)

    assert set(refused.value.errors) == {field}


def test_who_measured_is_kept_and_audited(program, psfs, dana, clinic):
    row = psfs("4.3", 0)

    assert (row.recorded_by, row.value, str(row.measured_on)) == (dana, Decimal("4.3"), "2026-03-02")
    assert AuditEntry.objects.filter(object_id=row.pk, clinic=clinic).exists()


# Usual pain set anew (E20)


def rebaseline(program, dana, now, usual=5, reason="Lives with more since the winter"):
    return measures.set_usual_pain(program.episode, usual, reason=reason, actor=dana, now=now)


def test_a_usual_pain_needs_a_reason_and_says_what_it_was(program, dana, now):
    with pytest.raises(Refused) as refused:
        rebaseline(program, dana, now, reason=" ")
    assert set(refused.value.errors) == {"reason"}

    row = rebaseline(program, dana, now)
    assert (row.before, row.value, row.recorded_by) == (2, 5, dana)
    line = Decision.objects.get(outcome="usual_pain")
    assert (line.item, line.reason, line.actor) == (item_of(program, "BRG"), "Lives with more since the winter", dana)


@pytest.mark.parametrize("usual", [11, -1, 2])
def test_a_usual_pain_off_the_scale_or_the_same_is_refused(program, dana, now, usual):
    with pytest.raises(Refused) as refused:
        rebaseline(program, dana, now, usual=usual)
    assert set(refused.value.errors) == {"usual_pain"}


def test_the_limits_follow_the_new_usual_pain_for_decisions_and_flags_alike(program, dana, now):
    story = Story.of(program)
    rebaseline(program, dana, now, usual=6)
    story.trains(0, "BRG", pain_before=6, pain_during=6, pain_after=6)

    assert Decision.objects.latest("sequence").rule_id == "R-P08", "acceptable: usual 6 steps back from 7"
    assert not FlagEvent.objects.filter(code="FL-PAIN6").exists()


def test_days_judged_before_stay_as_they_are(program, dana):
    story = Story.of(program)
    story.trains(0, "BRG", pain_before=5, pain_during=6, pain_after=6)
    assert story.item("BRG").dose["rom_pct"] == 75, "a step back from the lowest level makes it lighter"
    rebaseline(program, dana, story.at(1, 9))
    story.answers(1, pain=5)

    assert story.item("BRG").dose["rom_pct"] == 75


def test_creeping_pain_is_flagged_until_somebody_sets_the_usual_pain_anew(program, dana):
    story = Story.of(program)
    for day in range(22):
        if day % 7 in (0, 2, 4):
            pain = 1 if day < 7 else 3
            story.trains(day, "BRG", pain_before=pain, pain_during=pain, pain_after=pain)
        if day == 15:
            assert FlagEvent.objects.filter(kind="finding", code="FL-BASE-UP").count() == 1
            rebaseline(program, dana, story.at(day, 9), usual=3)
        story.night(day)

    assert FlagEvent.objects.filter(kind="finding", code="FL-BASE-UP").count() == 1
