"""FL-SLA: a follow-up that comes too late is a flag of its own, until somebody has followed up."""

from datetime import timedelta

import pytest

from patients import escalation, flagging, follow_up
from patients.models import FlagEvent, PainFlag
from patients.reports import report_pain
from tests.factories.programs import item_of

HOUR = timedelta(hours=1)


@pytest.fixture
def flag(ana, program, now) -> PainFlag:
    """Pain 8 at nine on Monday: severity 3, to be taken within four staffed hours and reached by Tuesday evening."""
    report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=now)
    flagging.assess_waiting_reports(now=now)
    return PainFlag.objects.get(group="pain")


def worker(now):
    """What raise_flags does."""
    escalation.escalate_late(now=now)
    flagging.assess_waiting_reports(now=now)


def escalations():
    return PainFlag.objects.filter(group="escalation").exclude(state="resolved")


def steps():
    found = FlagEvent.objects.filter(code="FL-SLA").order_by("at", "pk")
    return [event.note.partition(":")[0] for event in found]


def test_a_flag_nobody_takes_in_time_is_a_flag_of_its_own(flag, now):
    worker(now + 4 * HOUR)

    late = escalations().get()
    assert (late.code, late.severity, late.contact_due) == ("FL-SLA", flag.severity, flag.contact_due)
    assert late.headline == f"nobody has taken it in time: {flag.headline}"


def test_until_the_target_nothing_is_late(flag, now):
    worker(now + 4 * HOUR - timedelta(seconds=1))

    assert not escalations().exists()


def test_it_is_said_once_and_once_more_at_twice_the_time(flag, now):
    for hour in range(4, 12):
        worker(now + hour * HOUR)

    assert steps() == ["nobody has taken it in time", "nobody has taken it in twice the time"]


def test_two_workers_say_it_once(flag, monkeypatch, now):
    """The second one looked before the first one wrote."""
    seen = list(PainFlag.objects.select_related("clinic", "patient", "item"))
    worker(now + 4 * HOUR)

    assert [escalation._report(one, now=now + 4 * HOUR) for one in seen] == [False]


def test_who_takes_the_flag_ends_the_escalation(flag, dana, now):
    worker(now + 4 * HOUR)
    follow_up.take(flag, actor=dana, now=now + 5 * HOUR)
    worker(now + 5 * HOUR)

    assert not escalations().exists()
    assert PainFlag.objects.get(group="escalation").events.last().kind == "resolve"


def test_taken_and_not_reached_by_tuesday_evening_is_late_again(flag, dana, now):
    follow_up.take(flag, actor=dana, now=now)
    worker(flag.contact_due)

    assert steps() == ["taken, and not reached in time"]


def test_who_has_been_reached_is_late_no_more(flag, dana, now):
    follow_up.log_contact(flag, channel="phone", outcome="reached", actor=dana, now=now)
    worker(now + timedelta(days=9))

    assert not escalations().exists()


def test_what_is_put_aside_is_not_late_before_it_comes_back(flag, dana, now):
    follow_up.snooze(flag, until=now + 24 * HOUR, reason="Seen tomorrow", actor=dana, now=now)
    worker(now + 6 * HOUR)
    assert not escalations().exists()

    worker(now + 24 * HOUR)
    assert escalations().count() == 1


def test_an_escalation_is_not_escalated(flag, now):
    worker(now + 4 * HOUR)
    worker(now + timedelta(days=20))

    assert PainFlag.objects.filter(group="escalation").count() == 1


def test_what_grows_worse_has_a_new_time_to_be_taken(ana, program, flag, now):
    worker(now + 4 * HOUR)
    report_pain(ana, item=item_of(program, "BRG"), pain=9, actor=ana.user, now=now + 5 * HOUR)
    worker(now + 5 * HOUR)
    worker(now + 5 * HOUR)
    assert not escalations().exists()

    worker(now + 6 * HOUR)  # severity 2: one hour
    assert escalations().get().severity == 2


def test_closing_an_escalation_lifts_no_hold(ana, flag, dana, now):
    worker(now + 4 * HOUR)
    late = escalations().get()
    follow_up.resolve(late, code="duplicate", note="Seen.", effect="resume", actor=dana, now=now + 5 * HOUR)

    assert ana.holds.filter(released_at=None).exists()
