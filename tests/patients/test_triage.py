"""From a report to a followed-up patient."""

from datetime import timedelta

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import flagging, follow_up
from patients.episodes import discharge
from patients.messages import send_message
from patients.models import FlagEvent, Hold, PainFlag, PainReport
from patients.reports import report_pain
from tests.factories.programs import item_of


@pytest.fixture
def flag(ana, program, now) -> PainFlag:
    """Ana reported pain 8 at the bridge."""
    report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=now)
    flagging.assess_waiting_reports(now=now)
    return PainFlag.objects.get(group="pain")


def test_the_hold_is_there_before_the_flag(ana, program, now):
    reported = report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=now)

    assert (reported.safety.kind, item_of(program, "BRG").stopped_by.scope) == ("item", "item")
    assert not PainFlag.objects.exists()


def test_a_report_is_judged_once_by_two_workers(ana, program, now):
    report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=now)
    report = PainReport.objects.get()

    assert [flagging.assess_report(report.pk, now=now) for _worker in range(2)] == [True, False]
    assert FlagEvent.objects.filter(kind="finding", code="FL-PAIN7").count() == 1


def test_a_second_report_joins_the_open_flag_and_may_only_raise_it(ana, program, flag, now):
    report_pain(ana, item=item_of(program, "BRG"), pain=9, actor=ana.user, now=now + timedelta(hours=1))
    flagging.assess_waiting_reports(now=now + timedelta(hours=1))
    assert PainFlag.objects.get().severity == 2

    report_pain(ana, item=item_of(program, "BRG"), pain=7, actor=ana.user, now=now + timedelta(hours=2))
    flagging.assess_waiting_reports(now=now + timedelta(hours=2))
    assert PainFlag.objects.get().severity == 2


def test_the_headline_says_the_rule_with_its_figures(flag):
    assert flag.headline == "pain 8, usual 2, pain at the stop level, floor bridge"


def test_a_severity_three_flag_is_due_in_staffed_hours(flag, now):
    assert flag.ack_due == now + timedelta(hours=4)
    assert flag.contact_due.isoformat() == "2026-03-03T18:00:00+00:00"


def test_a_friday_evening_flag_is_due_on_monday(ana, program, now):
    friday = now + timedelta(days=4, hours=10)
    report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=friday)
    flagging.assess_waiting_reports(now=friday)

    assert PainFlag.objects.get(group="pain").ack_due.isoformat() == "2026-03-09T12:00:00+00:00"


def test_two_people_cannot_both_take_a_flag(flag, dana, colleague, now):
    other = PainFlag.objects.get()
    follow_up.take(flag, actor=dana, now=now)

    with pytest.raises(follow_up.AlreadyTaken, match="Dana Reed has taken this already"):
        follow_up.take(other, actor=colleague, now=now)


def test_only_reaching_the_patient_counts_as_contact(flag, dana, now):
    follow_up.take(flag, actor=dana, now=now)
    flag = follow_up.log_contact(flag, channel="phone", outcome="no_answer", actor=dana, now=now)
    assert flag.state == "acknowledged"

    flag = follow_up.log_contact(flag, channel="phone", outcome="reached", actor=dana, now=now)
    assert flag.state == "contacted"


def test_closing_with_one_step_back_releases_the_hold_lighter(program, flag, dana, now):
    closed = follow_up.resolve(
        flag, code="level_changed", note="Too much too soon.", effect="step_back", actor=dana, now=now
    )

    item = item_of(program, "BRG")
    assert (closed.state, item.stopped_by, Hold.objects.get().effect) == ("resolved", None, "step_back")
    assert item.dose["rom_pct"] < 100, "the lowest level has nothing below it, so its dose is lighter"


def test_the_desk_may_not_close_severity_three(flag, ravi, now):
    with pytest.raises(follow_up.NotAllowed, match="Only a therapist"):
        follow_up.resolve(flag, code="advised_continue", note="Fine.", effect="resume", actor=ravi, now=now)


def test_an_emergency_needs_a_licensed_therapist(ana, program, dana, clinic, now):
    dana.memberships.update(licensed=False)
    report_pain(ana, pain=3, red_flags=["bladder_change"], actor=ana.user, now=now)
    flagging.assess_waiting_reports(now=now)

    with pytest.raises(follow_up.NotAllowed, match="licensed"):
        flag = PainFlag.objects.get(group="safety")
        follow_up.resolve(flag, code="sent_emergency", note="Sent.", effect="none", actor=dana, now=now)


def test_a_flag_closed_without_a_note_says_what_is_missing(flag, dana, now):
    with pytest.raises(Refused) as refused:
        follow_up.resolve(flag, code="", note=" ", effect="", actor=dana, now=now)

    assert set(refused.value.errors) == {"code", "note", "effect"}


def test_three_attempts_come_before_giving_up(flag, dana, now):
    with pytest.raises(Refused) as refused:
        follow_up.resolve(flag, code="no_contact_3_attempts", note="Nobody.", effect="none", actor=dana, now=now)

    assert "code" in refused.value.errors


def test_the_same_trouble_within_three_days_is_the_same_flag(ana, program, flag, dana, now):
    follow_up.resolve(flag, code="advised_continue", note="Fine.", effect="resume", actor=dana, now=now)
    later = now + timedelta(hours=70)
    report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=later)
    flagging.assess_waiting_reports(now=later)

    flag = PainFlag.objects.get(group="pain")
    assert (flag.state, flag.reopened, flag.owner) == ("open", 1, None)


def test_an_emergency_cannot_be_put_aside(ana, program, dana, now):
    report_pain(ana, pain=3, red_flags=["chest_pain"], actor=ana.user, now=now)
    flagging.assess_waiting_reports(now=now)

    with pytest.raises(Refused):
        flag = PainFlag.objects.get(group="safety")
        follow_up.snooze(flag, until=now + timedelta(hours=1), reason="later", actor=dana, now=now)


def test_a_more_severe_event_wakes_a_flag_put_aside(ana, program, flag, dana, now):
    follow_up.snooze(flag, until=now + timedelta(hours=48), reason="visit tomorrow", actor=dana, now=now)
    report_pain(ana, item=item_of(program, "BRG"), pain=10, actor=ana.user, now=now + timedelta(hours=1))
    flagging.assess_waiting_reports(now=now + timedelta(hours=1))

    assert PainFlag.objects.get(group="pain").snoozed_until is None


def test_every_step_leaves_an_event_and_an_audit_row(flag, dana, now):
    follow_up.take(flag, actor=dana, now=now)
    follow_up.log_contact(flag, channel="phone", outcome="reached", note="ok", actor=dana, now=now)
    follow_up.resolve(flag, code="advised_continue", note="Fine.", effect="resume", actor=dana, now=now)

    kinds = list(flag.events.order_by("at", "pk").exclude(kind="finding").values_list("kind", flat=True))
    assert kinds == ["open", "take", "contact", "resolve"]
    assert set(AuditEntry.objects.filter(object_id=flag.pk).values_list("verb", flat=True)) == set(kinds)


def test_words_in_a_message_ask_for_a_look(ana, program, now):

    send_message(ana, "It feels a bit weak today", from_clinic=False, actor=ana.user, now=now)
    flagging.assess_waiting_reports(now=now)

    flag = PainFlag.objects.get()
    assert (flag.code, flag.severity, flag.group) == ("FL-FREETEXT", 4, "review")


def test_a_red_flag_is_not_refused_for_a_slip_elsewhere(ana, program, now):
    reported = report_pain(ana, pain=99, red_flags=["saddle_numbness"], words=["nonsense"][:0], actor=ana.user, now=now)

    assert reported.safety.kind == "emergency"


def test_pain_after_discharge_still_flags_for_thirty_days(ana, program, dana, now):

    discharge(program.episode, summary="Well.", actor=dana, now=now)
    soon = report_pain(ana, pain=8, actor=ana.user, now=now + timedelta(days=29))
    late = report_pain(ana, pain=8, actor=ana.user, now=now + timedelta(days=32))

    assert (soon.still_read, late.still_read) == (True, False)


def test_a_report_nobody_can_judge_does_not_hold_up_the_next(ana, program, now):
    report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=now)
    PainReport.objects.update(facts={"no_such_fact": 1})
    report_pain(ana, pain=3, red_flags=["chest_pain"], actor=ana.user, now=now + timedelta(seconds=1))

    assert flagging.assess_waiting_reports(now=now) == 1
    assert PainFlag.objects.get().severity == 1
    assert PainReport.objects.waiting().count() == 1, "it stays where the queue shows it"


@pytest.mark.parametrize("reports", [1, 3])
def test_reports_that_say_nothing_are_done_together(ana, program, now, reports, django_assert_num_queries):
    for _report in range(reports):
        report_pain(ana, item=item_of(program, "BRG"), pain=1, actor=ana.user, now=now)

    with django_assert_num_queries(2):
        assert flagging.assess_waiting_reports(now=now) == reports
    assert not PainReport.objects.waiting().exists()


def test_a_dead_worker_does_not_move_what_the_patient_was_promised(ana, program, now):
    told = report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=now).holds[0].contact_due
    flagging.assess_waiting_reports(now=now + timedelta(days=3))

    flag = PainFlag.objects.get(group="pain")
    assert (flag.contact_due, flag.ack_due) == (told, now + timedelta(hours=4))


def test_two_workers_at_once_still_raise_the_severity(ana, program, flag, monkeypatch, now):
    """The second worker looked before the first one's flag was there."""
    report_pain(ana, item=item_of(program, "BRG"), pain=9, actor=ana.user, now=now)
    look, blind = flagging._open_flag, iter([None])
    monkeypatch.setattr(flagging, "_open_flag", lambda *given: next(blind, "over") and look(*given))
    flagging.assess_waiting_reports(now=now)

    assert PainFlag.objects.get(group="pain").severity == 2
