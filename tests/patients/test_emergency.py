"""A clinic that shows each therapist their own patients alone; and the glass that can be broken."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from clinic.absence import set_absence
from clinic.models import AuditEntry, Membership
from clinic.refusals import Refused
from patients import adjustments, emergency
from patients.looked import looks_at
from patients.models import (
    Allowance,
    EmergencyAccess,
    GateRecord,
    Identity,
    PainFlag,
    Patient,
    Program,
    Proposal,
    TrialRequest,
)
from patients.worklist import count_for, waiting
from reminders.delivery import send_messages
from reminders.models import Message
from reminders.outbox import plan_messages
from tests.factories import people
from tests.factories.programs import a_program, item_of
from tests.factories.trials import a_trial

WHY = "Collapsed in the waiting room"


@pytest.fixture
def clinic(clinic):
    clinic.caseload_only = True
    clinic.save()
    return clinic


@pytest.fixture
def mila(clinic):
    """A therapist who is not licensed: never on duty for others."""
    return people.make_member(clinic, "Mila", "therapist")


def sees(user, patient) -> bool:
    return Patient.objects.visible_to(user).filter(pk=patient.pk).exists()


def flag_of(patient, severity, **fields):
    now = timezone.now()
    given = {"clinic": patient.clinic, "group": "safety", "code": "FL-X", "headline": "x"} | fields
    return PainFlag.objects.create(patient=patient, severity=severity, opened_at=now, last_event_at=now, **given)


# Who sees whom


def test_a_therapist_sees_their_own_and_nobody_elses(ana, dana, colleague, mila):
    assert [sees(user, ana) for user in (dana, colleague, mila)] == [True, False, False]


def test_the_desk_books_for_everybody_and_owners_answer_for_everybody(ana, ravi, owner):
    assert [sees(ravi, ana), sees(owner, ana)] == [True, True]


def test_who_also_works_at_the_desk_is_a_therapist_all_the_same(clinic, ana):
    assert not sees(people.make_member(clinic, "Both", "therapist", "desk"), ana)


def test_patients_see_themselves(ana):
    assert sees(ana.user, ana)


def test_whoever_has_no_therapist_is_on_dutys(clinic, ana, colleague, mila):
    Patient.objects.update(owner=None)
    unowned = [sees(colleague, ana), sees(mila, ana)]
    Patient.objects.update(owner=people.make_member(clinic, "Gone", "therapist", left_at=timezone.now()))
    assert [unowned, [sees(colleague, ana), sees(mila, ana)]] == [[True, False], [True, False]]


def test_the_substitute_sees_the_patients_of_who_is_away(ana, dana, colleague, clinic):
    now = timezone.now()
    third = people.make_member(clinic, "Third", "therapist", licensed=True)
    post = Membership.objects.get(user=dana)
    set_absence(post, first=now.date(), last=now.date(), substitute=colleague, actor=dana, now=now)
    covered = [sees(user, ana) for user in (dana, colleague, third)]
    Membership.objects.filter(user=dana).update(substitute=None)
    assert [covered, sees(third, ana)] == [[True, True, False], True]


@pytest.mark.parametrize("severity", [1, 2, 3])
def test_an_urgent_flag_beats_the_setting_for_who_is_on_duty(severity, ana, colleague):
    flag_of(ana, severity)
    urgent = severity <= 2
    assert sees(colleague, ana) == urgent
    assert PainFlag.objects.visible_to(colleague).exists() == urgent


def test_an_emergency_nobody_has_taken_is_everybodys(ana, dana, mila):
    flag = flag_of(ana, 1)
    untaken = sees(mila, ana)
    PainFlag.objects.filter(pk=flag.pk).update(owner=dana, state="acknowledged")
    assert [untaken, sees(mila, ana)] == [True, False]


def test_a_late_flag_goes_to_who_is_on_duty(ana, colleague, mila):
    flag_of(ana, 4, group="escalation")
    assert [sees(colleague, ana), sees(mila, ana)] == [True, False]


def test_what_is_overdue_to_decide_reaches_who_is_on_duty(
    clinic, ana, dana, colleague, mila, library, now, time_machine
):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    adjustments.lock(item_of(program, "BRG"), reason="Form first", actor=dana, now=now)
    listed = []
    for days in (14, 15):
        time_machine.move_to(now + timedelta(days=days))
        listed.append([len(waiting(user, clinic, now=timezone.now())) for user in (dana, colleague, mila)])
    assert listed == [[1, 0, 0], [1, 1, 0]]
    post = Membership.objects.get(user=colleague)
    assert count_for(colleague, post, now=timezone.now()) == 1, "the rail counts it"


@pytest.mark.parametrize("what", ["step", "lock", "pause", "phase", "exception", "gate gone without"])
def test_each_line_of_the_list_opens_its_record_once_it_is_overdue(
    what, ana, dana, colleague, library, now, time_machine
):
    day = now.date() + timedelta(days=10)
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    Program.objects.update(review_due=day if what == "phase" else None)
    if what == "step":
        item = item_of(program, "BRG")
        Proposal.objects.create(patient=ana, item=item, kind="advance", opened_at=now, due_on=day)
    elif what == "lock":
        adjustments.lock(item_of(program, "BRG"), reason="Form first", review_on=day, actor=dana, now=now)
    elif what == "pause":
        adjustments.pause(program, until=day, reason="Holiday", actor=dana, now=now)
    elif what == "exception":
        Allowance.objects.create(
            patient=ana, episode=program.episode, ladder="SLD", code="x", reason="x", review_on=day, granted_at=now
        )
    elif what == "gate gone without":
        GateRecord.objects.create(
            patient=ana, episode=program.episode, code="x", how="exception", review_on=day, recorded_at=now
        )
    seen = []
    for days in (10, 11):
        time_machine.move_to(now + timedelta(days=days))
        seen.append(sees(colleague, ana))
    assert seen == [False, True]


def test_who_has_taken_a_flag_sees_the_patient_until_it_is_closed(ana, mila):
    flag = flag_of(ana, 4, owner=mila, state="acknowledged")
    taken = sees(mila, ana)
    PainFlag.objects.filter(pk=flag.pk).update(state="resolved", resolved_at=timezone.now())
    assert [taken, sees(mila, ana)] == [True, False]


@pytest.mark.parametrize(("severity", "status"), [(2, 200), (3, 404)])
def test_the_page_of_an_urgent_flag_opens(severity, status, client_of, ana, colleague):
    flag = flag_of(ana, severity)
    assert client_of(colleague).get(f"/staff/triage/{flag.pk}/").status_code == status


def test_a_trial_request_is_everybodys_until_it_is_a_patient(clinic, dana, mila, now):
    trial = a_trial(clinic, dana, now=now)
    Patient.objects.filter(pk=trial.patient_id).update(owner=dana)
    assert list(TrialRequest.objects.visible_to(mila)) == []
    trial.findings.all().delete()
    type(trial).objects.filter(pk=trial.pk).delete()
    assert TrialRequest.objects.visible_to(mila).count() == 1


def test_mails_of_others_are_not_in_the_outbox(ana, dana, mila, now):
    for user, patient in ((None, ana), (dana, None), (mila, None)):
        Message.objects.create(
            clinic=ana.clinic, patient=patient, user=user, kind="alert", slot=f"x:{user}", local_date=now.date(),
            due_at=now, not_after=now, planned_at=now,
        )  # fmt: skip
    assert [row.user for row in Message.objects.visible_to(mila)] == [mila]
    assert Message.objects.visible_to(dana).count() == 2


@pytest.mark.parametrize("more", [0, 2])
def test_the_caseload_costs_what_it_costs_elsewhere(more, client_of, clinic, ana, dana, django_assert_num_queries):
    for number in range(more):
        people.make_patient(clinic, f"Patient {number}", owner=dana)
    browser = client_of(dana)
    browser.get("/staff/")
    for narrowed in (False, True):
        type(clinic).objects.update(caseload_only=narrowed)
        with django_assert_num_queries(8):
            browser.get("/staff/")


# Breaking the glass


def asked(browser, **given):
    return browser.post("/staff/emergency/", given)


def test_there_is_no_glass_to_break_where_everybody_sees_everybody(client_of, clinic, dana):
    browser = client_of(dana)
    narrowed = browser.get("/staff/emergency/").status_code
    type(clinic).objects.update(caseload_only=False)
    assert [narrowed, browser.get("/staff/emergency/").status_code] == [200, 403]


@pytest.mark.parametrize("person", ["ravi", "owner", "theo", "ana"])
def test_only_therapists_need_it(client_of, person, request, clinic):
    assert client_of(request.getfixturevalue(person)).get("/staff/emergency/").status_code == 403


def test_the_whole_name_finds_name_and_year_and_no_more(client_of, ana, mila):
    Identity.objects.filter(patient=ana).update(birth_date=date(1984, 5, 6), phone="0161 496 0000")
    page = asked(client_of(mila), who="ana  silva").content.decode()
    assert "Ana Silva, born 1984" in page
    assert [word for word in ("0161 496 0000", "ana@people.example", "6 May", "Dana Reed") if word in page] == []


@pytest.mark.parametrize("who", ["Ana", "Silva", "Ana Silv", "ana@people.example", "%", ""])
def test_a_part_of_a_name_finds_nobody(who, client_of, ana, mila):
    assert "Ana Silva" not in asked(client_of(mila), who=who).content.decode()


def test_the_number_of_the_record_finds_it_too(clinic, ana):
    assert [one.name for one in emergency.matches(clinic, str(ana.pk))] == ["Ana Silva"]


def test_another_clinics_patient_is_not_found(clinic, canary_patient):
    assert emergency.matches(clinic, canary_patient.identity.name) == []
    assert emergency.matches(clinic, str(canary_patient.pk)) == []


def test_with_a_reason_the_record_opens_for_twelve_hours(client_of, ana, mila):
    browser = client_of(mila)
    before = browser.get(f"/staff/patients/{ana.pk}/").status_code
    answer = asked(browser, who="Ana Silva", patient=str(ana.pk), reason=WHY, open="1")
    page = browser.get(answer.url)
    access = EmergencyAccess.objects.get()
    EmergencyAccess.objects.update(until=timezone.now())
    after = browser.get(f"/staff/patients/{ana.pk}/").status_code
    assert [before, page.status_code, after] == [404, 200, 404]
    assert WHY in page.content.decode()
    assert access.until - access.opened_at == timedelta(hours=12)


def test_it_opens_to_that_person_alone(clinic, ana, mila, colleague):
    emergency.open_in_emergency(clinic, ana.pk, reason=WHY, actor=mila, now=timezone.now())
    assert [sees(mila, ana), sees(colleague, ana)] == [True, False]


@pytest.mark.parametrize("reason", ["", "urgent", "  two   words  "])
def test_without_a_real_reason_nothing_opens_and_what_was_typed_stays(reason, client_of, ana, mila):
    answer = asked(client_of(mila), who="Ana Silva", patient=str(ana.pk), reason=reason, open="1")
    form = answer.context["form"]
    assert (list(form.errors), form["who"].value(), form["patient"].value()) == (
        ["reason"],
        "Ana Silva",
        str(ana.pk),
    )
    assert not EmergencyAccess.objects.exists()


def test_a_record_that_was_not_found_by_name_is_not_opened(client_of, ana, other_patient, mila):
    answer = asked(client_of(mila), who="Ana Silva", patient=str(other_patient.pk), reason=WHY, open="1")
    assert list(answer.context["form"].errors) == ["patient"]
    assert not EmergencyAccess.objects.exists()


def test_who_has_left_the_clinics_care_is_not_opened(clinic, ana, mila, now):
    Patient.objects.update(closed_at=now)
    with pytest.raises(Refused):
        emergency.open_in_emergency(clinic, ana.pk, reason=WHY, actor=mila, now=now)


def test_the_patient_reads_that_it_was_opened_in_an_emergency(clinic, ana, mila, now):
    emergency.open_in_emergency(clinic, ana.pk, reason=WHY, actor=mila, now=now)
    (look,) = looks_at(ana)
    assert (look.name, look.changed) == ("Mila", False)
    assert look.what_for == "opened your record in an emergency, as somebody who does not usually treat you"


def test_the_owner_reads_who_whose_and_why(client_of, clinic, ana, mila, owner):
    emergency.open_in_emergency(clinic, ana.pk, reason=WHY, actor=mila, now=timezone.now())
    page = client_of(owner).get("/staff/access-log/", {"kind": "emergency"}).content.decode()
    assert [word in page for word in ("Mila", "Ana Silva", WHY)] == [True, True, True]
    assert AuditEntry.objects.get(verb="open_in_emergency").patient_id == ana.pk


def test_the_owner_gets_one_mail_without_a_name(clinic, ana, mila, owner, now, mailoutbox, library):
    emergency.open_in_emergency(clinic, ana.pk, reason=WHY, actor=mila, now=now)
    plan_messages(now=now)
    plan_messages(now=now)
    send_messages(now=now)
    (mail,) = [one for one in mailoutbox if one.to == [owner.email]]
    assert [word for word in ("Ana", "Silva", "Mila", WHY) if word in mail.body + mail.subject] == []
    assert "access log" in mail.body


# What a narrowed therapist does with their own


def test_who_gives_a_patient_away_is_led_to_the_caseload(client_of, ana, dana, mila):
    given = {"name": "Ana Silva", "email": "ana@people.example", "owner": str(mila.pk), "zone": "Europe/London"}
    answer = client_of(dana).post(f"/staff/patients/{ana.pk}/contact/", given)
    assert (answer.url, sees(dana, ana)) == ("/staff/", False)


def test_who_adds_a_patient_for_somebody_else_is_led_to_the_caseload(client_of, dana, mila):
    given = {"name": "New Person", "owner": str(mila.pk), "zone": "Europe/London"}
    assert client_of(dana).post("/staff/patients/new/", given).url == "/staff/"
