"""A record that is kept and not used: at the person's wish, or closed; and how it is opened again."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import adjustments, restriction
from patients.erasure import close_account, erase_due
from patients.models import PainFlag, Patient, PatientEvent, Program, Proposal, Session
from patients.ticks import tick
from reminders import outbox
from reminders.models import Message
from reminders.teams import teams_of
from tests.factories import people
from tests.factories.browsers import shown_again
from tests.factories.programs import a_program, a_session, as_planned, item_of
from tests.factories.trials import a_trial

WHY = "Asked for it by letter"


@pytest.fixture
def restricted(ana, owner, now):
    return restriction.restrict(ana, reason=WHY, actor=owner, now=now)


def sees(user, patient) -> bool:
    return Patient.objects.visible_to(user).filter(pk=patient.pk).exists()


def flag_of(patient, **fields):
    now = timezone.now()
    given = {"clinic": patient.clinic, "group": "pain", "code": "FL-X", "headline": "x", "severity": 3} | fields
    return PainFlag.objects.create(patient=patient, opened_at=now, last_event_at=now, **given)


# Who sees it


@pytest.mark.parametrize("how", ["restricted", "closed"])
def test_only_owners_open_it(how, ana, owner, dana, colleague, ravi, now):
    if how == "closed":
        close_account(ana, actor=owner, now=now)
    else:
        restriction.restrict(ana, reason=WHY, actor=owner, now=now)
    assert [sees(user, ana) for user in (owner, dana, colleague, ravi)] == [True, False, False, False]


def test_an_open_flag_opens_it_to_who_is_licensed_until_it_is_closed(clinic, restricted, owner, dana, ravi):
    mila = people.make_member(clinic, "Mila", "therapist")
    flag = flag_of(restricted)
    opened = [sees(user, restricted) for user in (owner, dana, mila, ravi)]
    shown = [PainFlag.objects.visible_to(user).exists() for user in (owner, dana, mila, ravi)]
    PainFlag.objects.filter(pk=flag.pk).update(state="resolved", resolved_at=timezone.now())
    assert [opened, shown, sees(dana, restricted)] == [[True, True, False, False]] * 2 + [False]


def test_who_closes_the_flag_is_led_to_the_queue(client_of, restricted, dana):
    flag = flag_of(restricted)
    given = {"code": "advised_continue", "effect": "none", "note": "Fine again."}
    client_of(dana).post(f"/staff/triage/{flag.pk}/take/")
    assert client_of(dana).post(f"/staff/triage/{flag.pk}/resolve/", given).url == "/staff/triage/"


def test_its_flags_alert_those_who_may_open_it(clinic, restricted, dana, colleague, now):
    mila = people.make_member(clinic, "Mila", "therapist")
    Patient.objects.update(owner=mila)
    flag = PainFlag.objects.select_related("patient").get(pk=flag_of(restricted).pk)
    assert teams_of({clinic.pk}, now=now)[clinic.pk].for_flag(flag) == {dana.pk, colleague.pk}


def test_its_trial_request_is_the_owners_too(clinic, dana, owner, ravi, now):
    trial = a_trial(clinic, dana, now=now)
    restriction.restrict(trial.patient, reason=WHY, actor=owner, now=now)
    seen = type(trial.request).objects
    assert [seen.visible_to(user).exists() for user in (owner, dana, ravi)] == [True, False, False]


# Nothing is processed


def test_no_mail_and_no_midnight_work(ana, library, owner, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    restriction.restrict(ana, reason=WHY, actor=owner, now=now)
    later = now + timedelta(days=12)
    tick(now=later)
    outbox.plan_messages(now=later.replace(hour=20))
    assert not Message.objects.filter(patient=ana).exists()
    assert not PainFlag.objects.exists()
    assert Program.objects.get(pk=program.pk).ticked_for is None


def test_no_deed_of_staff_works_on_it(client_of, restricted, owner):
    answer = client_of(owner).post(
        f"/staff/patients/{restricted.pk}/contact/", {"name": "Somebody", "zone": "Europe/London"}, follow=True
    )
    restricted.identity.refresh_from_db()
    assert restricted.identity.name == "Ana Silva"
    assert "nothing is changed in it" in answer.content.decode()


def test_its_page_offers_nothing_that_would_be_refused(client_of, restricted, owner):
    page = f"/staff/patients/{restricted.pk}/"
    offered = re.findall(f'href="{page}([^"]+)"', client_of(owner).get(page).content.decode())
    assert sorted(set(offered)) == ["copy/", "pain/", "reopen/"]


@pytest.fixture
def in_trouble(ana, library, owner, now) -> Patient:
    """A restricted record with all that waits for somebody: a hold, a proposal, a session, and an open flag."""
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    item = item_of(program, "BRG")
    a_session(program, as_planned(item), now=now)
    adjustments.hold(program, scope="item", item=item, reason="Waits for the scan", actor=owner, now=now)
    Proposal.objects.create(patient=ana, item=item, kind="advance", opened_at=now, due_on=now.date())
    flag_of(ana)
    return restriction.restrict(ana, reason=WHY, actor=owner, now=now)


def test_who_follows_up_its_flag_reads_it_and_is_offered_nothing_that_would_be_refused(client_of, in_trouble, dana):
    page = f"/staff/patients/{in_trouble.pk}/"
    browser = client_of(dana)
    found = {page}
    for url in (page, f"{page}sessions/"):
        found |= set(re.findall(f'(?:href|action)="({page}[^"]*)"', browser.get(url).content.decode()))
    kinds = {re.sub(r"[0-9a-f-]{36}", "…", url.removeprefix(page)) for url in found}
    assert kinds == {"", "pain/", "sessions/", "exercises/…/decisions/"}
    assert {browser.get(url).status_code for url in found} == {200}


def test_its_exercises_are_not_opened_to_be_adjusted(client_of, in_trouble, dana):
    item = in_trouble.programs.get().items.first()
    answer = client_of(dana).get(f"/staff/patients/{in_trouble.pk}/exercises/{item.pk}/", follow=True)
    assert answer.redirect_chain == [(f"/staff/patients/{in_trouble.pk}/", 302)]


def test_nobody_is_sent_a_message_they_cannot_read(client_of, in_trouble, dana):
    flag = PainFlag.objects.get(code="FL-X")
    text = client_of(dana).get(f"/staff/triage/{flag.pk}/").content.decode()
    assert "they read no messages, so call" in text
    assert f"/staff/triage/{flag.pk}/message/" not in text


def test_its_forms_are_shut_before_anything_is_typed(client_of, restricted, owner):
    page = f"/staff/patients/{restricted.pk}/"
    answer = client_of(owner).get(f"{page}contact/", follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "nothing is changed in it" in answer.content.decode()


def test_a_warning_sign_by_phone_is_kept_all_the_same(client_of, ana, library, owner, now):
    a_program(ana, library["BALL_PROGRESSION"], now=now)
    restricted = restriction.restrict(ana, reason=WHY, actor=owner, now=now)
    client_of(owner).post(f"/staff/patients/{restricted.pk}/pain/", {"red_flags": ["saddle_numbness"]})
    assert restricted.reports.get().facts["red_flags"] == ["saddle_numbness"]


# What the person sees


@pytest.mark.parametrize("page", ["/today/", "/session/", "/progress/", "/program/", "/messages/", "/settings/"])
def test_every_page_of_the_portal_says_what_it_means(page, client_of, restricted):
    text = client_of(restricted).get(page).content.decode()
    assert "Your record is restricted" in text
    assert "call 999 now" in text


def test_nothing_is_logged(client_of, ana, library, owner, now):
    a_program(ana, library["BALL_PROGRESSION"], now=now)
    restriction.restrict(ana, reason=WHY, actor=owner, now=now)
    assert client_of(ana).post("/session/", {}).status_code == 403
    assert not Session.objects.exists()


def test_pain_is_still_reported(client_of, ana, library, owner, now):
    a_program(ana, library["BALL_PROGRESSION"], now=now)
    restricted = restriction.restrict(ana, reason=WHY, actor=owner, now=now)
    browser = client_of(restricted)
    form = browser.get("/pain/")
    answer = browser.post("/pain/", {"pain": "8", "about": ""}, follow=True)
    assert (form.status_code, answer.status_code) == (200, 200)
    assert restricted.reports.count() == 1


def test_devices_report_pain_and_do_nothing_else(client_of, restricted):
    browser = client_of(restricted)
    told = browser.get("/api/v1/today/")
    sent = browser.post("/api/v1/pain-reports/", {"pain": 8}, content_type="application/json")
    assert (told.status_code, told.json()["errors"][0]["code"], sent.status_code) == (403, "restricted", 201)


def test_a_closed_account_has_no_portal_and_no_api(client_of, ana, owner, now):
    close_account(ana, actor=owner, now=now)
    browser = client_of(ana)
    assert [browser.get(page).status_code for page in ("/today/", "/api/v1/today/")] == [403, 403]


# There and back


@pytest.mark.parametrize("how", ["restricted", "closed"])
def test_an_owner_opens_it_again_with_a_reason(how, ana, owner, dana, now):
    closed = (
        close_account(ana, actor=owner, now=now)
        if how == "closed"
        else restriction.restrict(ana, reason=WHY, actor=owner, now=now)
    )
    opened = restriction.reopen(closed, reason="By mistake", actor=owner, now=now)
    assert (opened.closed_at, opened.restricted, sees(dana, ana)) == (None, False, True)
    assert [event.note for event in restriction.history(ana)] == ["By mistake", WHY if how == "restricted" else ""]
    assert AuditEntry.objects.filter(verb="reopen", actor=owner, patient_id=ana.pk).exists()


def test_after_it_the_mails_come_again(ana, library, owner, now):
    a_program(ana, library["BALL_PROGRESSION"], now=now)
    restriction.restrict(ana, reason=WHY, actor=owner, now=now)
    restriction.reopen(ana, reason="Wants it back", actor=owner, now=now)
    outbox.plan_messages(now=now.replace(hour=18, minute=1))
    assert Message.objects.filter(patient=ana, kind="reminder").count() == 1


@pytest.mark.parametrize("deed", [restriction.restrict, restriction.reopen])
def test_without_a_reason_nothing_happens(deed, ana, owner, now):
    with pytest.raises(Refused) as refusal:
        deed(ana, reason=" ", actor=owner, now=now)
    assert list(refusal.value.errors) == ["reason"]
    assert not PatientEvent.objects.exists()


def test_it_is_restricted_once_and_only_what_is_closed_is_opened(restricted, other_patient, owner, now):
    with pytest.raises(Refused, match="already"):
        restriction.restrict(restricted, reason=WHY, actor=owner, now=now)
    with pytest.raises(Refused, match="Only a closed"):
        restriction.reopen(other_patient, reason=WHY, actor=owner, now=now)


def test_who_is_erased_is_not_opened_again(restricted, owner, now, settings, tmp_path):
    settings.ERASURE_REGISTER = tmp_path / "erasures.jsonl"
    later = now + timedelta(days=9 * 366)
    assert erase_due(now=later) == 1
    with pytest.raises(Refused):
        restriction.reopen(restricted, reason=WHY, actor=owner, now=later)


# The pages


def test_an_owner_restricts_finds_it_and_lifts_it(client_of, ana, owner):
    browser = shown_again(client_of(owner), owner)
    browser.post(f"/staff/patients/{ana.pk}/restrict/", {"reason": WHY})
    assert "Ana Silva" in browser.get("/staff/closed/").content.decode()
    assert WHY in browser.get(f"/staff/patients/{ana.pk}/copy/").content.decode()
    browser.post(f"/staff/patients/{ana.pk}/reopen/", {"reason": "Wants it back"})
    ana.refresh_from_db()
    assert ana.closed_at is None


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_costs_the_same_for_one_and_three(
    more, client_of, clinic, restricted, owner, now, django_assert_num_queries
):
    for number in range(more):
        restriction.restrict(people.make_patient(clinic, f"P {number}"), reason=WHY, actor=owner, now=now)
    browser = client_of(owner)
    browser.get("/staff/closed/")
    with django_assert_num_queries(5):
        browser.get("/staff/closed/")
