"""Exercise audits: one therapist, one audit at a time; those that do not take place; and what they find."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.absence import set_absence
from clinic.models import Membership
from clinic.refusals import Refused
from patients import exercise_audits
from patients.audit_checks import Finding
from patients.intake import Moved
from patients.models import GateRecord, TrialEvent
from tests.factories import people
from tests.factories.trials import a_trial, an_audit

TOMORROW = people.NOW + timedelta(days=1)


@pytest.fixture
def trial(clinic, dana, now):
    return a_trial(clinic, dana, now=now)


@pytest.fixture
def second(clinic, dana, now):
    return a_trial(clinic, dana, now=now, name="Bo Larsen", email="bo@people.example", phone="020 7946 0300")


def book(trial, at, ravi, by=None):
    return exercise_audits.book_audit(trial, at=at, by=by, actor=ravi, now=people.NOW)


@pytest.mark.parametrize(("minutes", "field"), [(0, "by"), (49, "by"), (-49, "by"), (50, None), (-50, None)])
def test_one_therapist_has_fifty_minutes_for_each(minutes, field, trial, second, dana, colleague, ravi):
    book(trial, TOMORROW, ravi, by=dana)
    at = TOMORROW + timedelta(minutes=minutes)
    if field is None:
        assert book(second, at, ravi, by=dana).audit_with == dana
        return
    with pytest.raises(Refused) as refusal:
        book(second, at, ravi, by=dana)
    assert list(refusal.value.errors) == [field]


def test_the_clinic_has_room_for_as_many_as_may_do_one(trial, second, dana, ravi, clinic):
    book(trial, TOMORROW, ravi)
    with pytest.raises(Refused) as refusal:
        book(second, TOMORROW, ravi)
    people.make_member(clinic, "Third", "therapist", licensed=True)
    assert (list(refusal.value.errors), book(second, TOMORROW, ravi).state) == (["at"], "audit_booked")


def test_nobody_is_booked_who_is_away_or_may_not_do_it(trial, dana, colleague, clinic, ravi, now):
    post = Membership.objects.get(user=dana)
    set_absence(post, first=TOMORROW.date(), last=TOMORROW.date(), substitute=None, actor=dana, now=now)
    for by in (dana, people.make_member(clinic, "Unlicensed", "therapist"), ravi):
        with pytest.raises(Refused, match="not booked") as refusal:
            book(trial, TOMORROW, ravi, by=by)
        assert list(refusal.value.errors) == ["by"]


def test_moving_ones_own_audit_is_no_clash(trial, dana, ravi):
    book(trial, TOMORROW, ravi, by=dana)
    assert book(trial, TOMORROW + timedelta(minutes=10), ravi, by=dana).audit_at == TOMORROW + timedelta(minutes=10)


def test_an_audit_that_was_missed_leaves_the_slot_and_is_booked_anew(trial, second, dana, ravi):
    book(trial, TOMORROW, ravi, by=dana)
    missed = exercise_audits.miss_audit(trial, code="cancelled", actor=ravi, now=people.NOW)
    assert (missed.state, missed.audit_at, missed.audit_with) == ("accepted", None, None)
    assert book(second, TOMORROW, ravi, by=dana).audit_at == TOMORROW


@pytest.mark.parametrize(
    ("code", "hours_before", "late"),
    [("cancelled", 12, False), ("cancelled", 11, True), ("clinic_cancelled", 1, False), ("did_not_come", -1, False)],
)
def test_why_it_did_not_take_place_is_on_record(code, hours_before, late, trial, dana, ravi):
    book(trial, TOMORROW, ravi, by=dana)
    exercise_audits.miss_audit(trial, code=code, actor=ravi, now=TOMORROW - timedelta(hours=hours_before))
    event = TrialEvent.objects.get(kind="miss_audit")
    assert event.data == {"code": code, "at": TOMORROW.isoformat(), "late": late}


def test_nobody_has_not_come_before_the_time(trial, ravi, now):
    book(trial, TOMORROW, ravi)
    with pytest.raises(Refused) as refusal:
        exercise_audits.miss_audit(trial, code="did_not_come", actor=ravi, now=now)
    assert list(refusal.value.errors) == ["code"]


def test_what_is_not_booked_or_recorded_already_is_not_missed(trial, dana, ravi, library, now):
    with pytest.raises(Moved):
        exercise_audits.miss_audit(trial, code="cancelled", actor=ravi, now=now)
    book(trial, TOMORROW, ravi)
    an_audit(trial, dana, now=TOMORROW)
    with pytest.raises(Moved):
        exercise_audits.miss_audit(trial, code="cancelled", actor=ravi, now=TOMORROW)


def test_the_desk_books_and_marks_it_and_the_page_says_why(client_of, trial, dana, ravi, clinic):
    browser, page = client_of(ravi), f"/staff/trials/{trial.request_id}/"
    soon = timezone.now() + timedelta(days=2)
    browser.post(f"{page}book/", {"at": f"{soon:%Y-%m-%d}T10:00", "by": str(dana.pk)})
    booked = browser.get(page).content.decode()
    browser.post(f"{page}missed/", {"code": "cancelled", "note": "Has a cold"})
    assert "Dana Reed" in booked
    assert "Audit did not take place: cancelled by the person" in browser.get(page).content.decode()


# What is found


def test_the_audit_is_booked_and_moved(clinic, dana, ravi, now):
    trial = a_trial(clinic, dana, now=now)
    for days in (1, 2):
        trial = exercise_audits.book_audit(trial, at=now + timedelta(days=days), actor=ravi, now=now)

    assert (trial.state, trial.audit_at) == ("audit_booked", now + timedelta(days=2))
    with pytest.raises(Refused):
        exercise_audits.book_audit(trial, at=now, actor=ravi, now=now)


def test_checks_that_are_met_set_their_gates_and_entry_levels(clinic, dana, library, now):
    trial = an_audit(a_trial(clinic, dana, now=now), dana, now=now)

    assert set(GateRecord.objects.values_list("code", flat=True)) == {"hinge_3_points", "slump_screen_done"}
    assert trial.entry_levels == {"BRG": "BRG-2", "HNG": "HNG-3"}
    trial.episode.refresh_from_db()
    assert trial.episode.slump == "unchanged"


def test_a_check_that_hurts_begins_lower(clinic, dana, library, now):
    findings = [Finding("HINGE_DOWEL", True, pain=6), Finding("BRIDGE", False, faults=("pushing from the toes",))]
    trial = an_audit(a_trial(clinic, dana, now=now), dana, now=now, findings=findings)

    assert trial.entry_levels == {"BRG": "BRG-1", "HNG": "HNG-1"}
    assert trial.findings.get(check_code="BRIDGE").faults == ["pushing from the toes"]


def test_the_later_of_two_audits_takes_a_gate_back(clinic, dana, library, now):
    trial = an_audit(a_trial(clinic, dana, now=now), dana, now=now)
    an_audit(trial, dana, now=now, findings=[Finding("HINGE_DOWEL", False)])

    assert not GateRecord.objects.filter(code="hinge_3_points", revoked_at=None).exists()


def test_absurd_findings_are_refused_by_field(clinic, dana, library, now):
    with pytest.raises(Refused) as refused:
        an_audit(
            a_trial(clinic, dana, now=now),
            dana,
            now=now,
            findings=[Finding("BRIDGE", True, pain=11), Finding("SLUMP", True, value="odd")],
            summary="",
        )
    assert set(refused.value.errors) == {"BRIDGE-pain", "SLUMP-value", "summary"}
