"""Whether the flags are too many, too slow or for nothing: the figures of four weeks."""

from datetime import timedelta

import pytest

from patients.flag_figures import flag_figures
from patients.models import ExerciseLog, PainFlag
from tests.factories.programs import a_program, a_session, as_planned, item_of

HOUR = timedelta(hours=1)


@pytest.fixture
def flagged(ana, now):
    """`flagged(severity, hours, **fields)`: a closed flag of Ana's, reached after so many hours."""

    def make(severity=3, hours=None, *, code="FL-PAIN7", effect="resume", ago=24, **given):
        opened = now - ago * HOUR
        reached = None if hours is None else opened + hours * HOUR
        fields = {"state": "resolved", "resolved_at": now, "resolution": "advised_continue", "group": "pain"} | given
        return PainFlag.objects.create(
            clinic=ana.clinic,
            patient=ana,
            severity=severity,
            code=code,
            headline="x",
            opened_at=opened,
            last_event_at=opened,
            acknowledged_at=reached,
            contacted_at=reached,
            contact_due=opened + 4 * HOUR,
            effect=effect,
            **fields,
        )

    return make


def figures(now):
    return flag_figures(PainFlag.objects.all(), ExerciseLog.objects.all(), now=now)


def test_the_median_time_is_of_those_who_were_reached(flagged, now):
    for hours in (1, 2, 9, None):
        flagged(hours=hours)

    assert figures(now).work.to_contact == 2 * 3600
    assert figures(now).work.in_time == 67


def test_a_flag_that_eased_the_dose_or_booked_a_visit_changed_care(flagged, now):
    flagged(effect="lighter")
    flagged(resolution="visit_booked")
    flagged()
    flagged(effect="none")

    assert figures(now).work.acted == 50


def test_information_is_outside_the_budget(ana, library, flagged, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now - timedelta(days=2))
    a_session(program, as_planned(item_of(program, "BRG")), now=now - HOUR)
    for severity in (2, 4, 5):
        flagged(severity)

    assert (figures(now).per_100, figures(now).per_100_soon) == (200.0, 100.0)


def test_without_a_log_there_is_no_rate(flagged, now):
    flagged()

    assert figures(now).per_100 is None


def test_neither_old_flags_nor_escalations_count(flagged, now):
    flagged(ago=24 * 29)
    flagged(group="escalation", code="FL-SLA")

    assert figures(now).work.opened == 0


def test_the_rule_that_fires_most_stands_first(flagged, now):
    for code in ("FL-PAIN7", "FL-NOLOG10", "FL-NOLOG10"):
        flagged(code=code)

    assert [(rule.name, rule.opened) for rule in figures(now).by_code] == [
        ("nothing logged for 10 days", 2),
        ("pain at the stop level", 1),
    ]
