"""One person with two records: noticed, shown before, and made one without losing anything."""

from datetime import date, timedelta

import pytest

from clinic.audit_chain import seal_waiting, verify
from clinic.models import AuditEntry, Membership
from clinic.refusals import Refused
from patients import merging
from patients.duplicates import alike, look_alikes
from patients.flagging import assess_waiting_reports
from patients.looked import looks_at
from patients.models import Consent, Identity, PainFlag, Patient, Program, Proxy
from patients.people import withdraw_consent
from patients.record_copy import everything
from patients.reports import report_pain
from reminders import delivery, outbox
from reminders.models import Message, Subscription
from tests.architecture.rows import live, one_of_everything
from tests.factories import people
from tests.factories.programs import a_program, item_of

WHY = "Asked at the desk, same passport"
BORN = date(1984, 5, 6)


@pytest.fixture
def twin(clinic, dana):
    """A second record of Ana, without a sign-in."""
    return people.make_patient(clinic, "Anna Silva", owner=dana, email="")


def merge(losing, kept, actor, now):
    return merging.merge(losing, into=kept, reason=WHY, actor=actor, now=now)


def flag(patient, severity, now, **fields):
    given = {"clinic": patient.clinic, "group": "pain", "code": "FL-X", "headline": f"of severity {severity}"}
    return PainFlag.objects.create(
        patient=patient, severity=severity, opened_at=now, last_event_at=now, **(given | fields)
    )


# Noticed


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ana Silva", "Anna Silva", True),
        ("ana silva", "Silva Ana", True),
        ("Zoë Ångström", "Zoe Angstrom", True),
        ("Ana Silva", "Bo Larsen", False),
        ("Ana Silva", "Paulo Silva", False),
    ],
)
def test_names_are_alike_in_any_order(one, other, same):
    assert alike(one, other) == same


@pytest.mark.parametrize(
    ("known", "given", "found"),
    [
        ({"birth_date": BORN}, {"birth_date": BORN, "name": "Anna Silva"}, True),
        ({"birth_date": BORN}, {"birth_date": BORN, "name": "Bo Larsen"}, False),
        ({"birth_date": None}, {"birth_date": None, "name": "Ana Silva"}, False),
        ({"email": "ana.silva@gmail.com"}, {"email": "AnaSilva+new@gmail.com"}, True),
        ({"phone": "0161 496 0123"}, {"phone": "+44 161 4960123"}, True),
        ({"phone": "0161 496 0123"}, {"phone": "0161 496 0124"}, False),
    ],
)
def test_who_looks_alike(ana, known, given, found):
    Identity.objects.filter(patient=ana).update(**({"email": "", "phone": ""} | known))
    person = Identity(**({"name": "Somebody", "email": "", "phone": ""} | given))
    assert bool(look_alikes(Identity.objects.all(), person)) == found


def test_who_is_added_again_is_shown_beside_the_first_and_added_all_the_same(client_of, ana, ravi):
    Identity.objects.filter(patient=ana).update(birth_date=BORN)
    given = {"name": "Anna Silva", "birth_date": "1984-05-06", "zone": "Europe/London"}
    answer = client_of(ravi).post("/staff/patients/new/", given, follow=True)
    added = Patient.objects.exclude(pk=ana.pk).get()
    assert answer.redirect_chain[-1][0] == f"/staff/patients/{added.pk}/same/"
    assert "Ana Silva" in answer.content.decode()


def test_nobody_is_shown_whom_the_reader_may_not_see(client_of, clinic, ana, dana):
    mila = people.make_member(clinic, "Mila", "therapist")
    clinic.caseload_only = True
    clinic.save()
    Identity.objects.filter(patient=ana).update(birth_date=BORN)
    given = {"name": "Ana Silva", "birth_date": "1984-05-06", "zone": "Europe/London", "owner": str(mila.pk)}
    assert "/same/" not in client_of(mila).post("/staff/patients/new/", given).url


# Made one


def test_every_row_of_the_second_record_is_the_kept_ones_afterwards(ana, twin, dana, owner, now):
    live(ana, text="Ours", now=now)
    one_of_everything(ana, dana, text="Ours")
    counted = {model: model._base_manager.filter(patient=ana).count() for model in merging.moving_tables()}
    merge(ana, twin, owner, now)
    left = {model._meta.label: model._base_manager.filter(patient=ana).count() for model in merging.moving_tables()}
    assert {label: count for label, count in left.items() if count} == {}
    assert all(model._base_manager.filter(patient=twin).count() >= count > 0 for model, count in counted.items())
    assert len(counted) > 18


def test_what_one_has_by_nature_stays_and_is_in_the_copy_all_the_same(ana, twin, owner, now):
    merge(twin, ana, owner, now)
    tables = everything(ana)
    assert {row["name"] for row in tables["patients.Identity"]} == {"Ana Silva", "Anna Silva"}
    assert len(tables["patients.Preferences"]) == 2


def test_the_second_record_is_closed_and_leads_to_the_kept_one(client_of, ana, twin, dana, owner, now):
    merge(twin, ana, owner, now)
    browser = client_of(dana)
    assert browser.get(f"/staff/patients/{twin.pk}/").url == f"/staff/patients/{ana.pk}/"
    assert browser.get(f"/staff/patients/{twin.pk}/contact/").url == f"/staff/patients/{ana.pk}/"
    assert "Anna Silva" not in browser.get("/staff/").content.decode()


def test_the_sign_in_comes_along_and_what_was_not_known_is_filled_in(ana, twin, owner, now):
    user = ana.user
    Identity.objects.filter(patient=ana).update(birth_date=BORN)
    kept = merge(ana, twin, owner, now)
    kept.refresh_from_db()
    identity = Identity.objects.get(patient=kept)
    assert (kept.user, identity.email, identity.birth_date, identity.name) == (user, user.email, BORN, "Anna Silva")


def test_the_stricter_word_on_a_consent_stands(ana, twin, dana, owner, now):
    withdraw_consent(twin, "reminders", actor=dana, now=now)
    Consent.objects.filter(patient=twin, kind="email").delete()
    merge(twin, ana, owner, now)
    given = set(Consent.objects.given().filter(patient=ana).values_list("kind", flat=True))
    assert given == {"treatment", "privacy", "health_data", "email"}


def test_a_carer_of_both_looks_after_one(ana, twin, owner, now):
    carer = people.make_user("Carer")
    for patient in (ana, twin):
        people.make_proxy(patient, carer)
    merge(twin, ana, owner, now)
    assert Proxy.objects.filter(patient=ana, user=carer, revoked_at=None).count() == 1
    assert list(Patient.objects.followed_by(carer)) == [ana]


def test_two_flags_about_the_same_become_the_more_urgent_one(ana, twin, owner, now):
    mine = flag(ana, 4, now, contact_due=now + timedelta(days=3))
    theirs = flag(twin, 2, now, contact_due=now + timedelta(hours=4))
    other = flag(twin, 3, now, group="safety")
    merge(twin, ana, owner, now)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.severity, mine.contact_due) == (2, now + timedelta(hours=4))
    assert (theirs.state, theirs.resolution, theirs.patient) == ("resolved", "duplicate", ana)
    assert set(PainFlag.objects.waiting().filter(patient=ana)) == {mine, other}


def test_who_looked_at_either_record_is_told(client_of, ana, twin, dana, owner, now):
    client_of(dana).get(f"/staff/patients/{twin.pk}/")
    merge(twin, ana, owner, now)
    assert {look.name for look in looks_at(ana)} == {"Dana Reed", "Owner"}


def test_the_audit_is_untouched_and_its_chain_holds(client_of, ana, twin, dana, owner, now):
    client_of(dana).get(f"/staff/patients/{twin.pk}/")
    seal_waiting(now=now)
    merge(twin, ana, owner, now)
    seal_waiting(now=now)
    assert list(verify()) == []
    noted = AuditEntry.objects.filter(verb="merge", label="patients.patient").values_list("patient_id", flat=True)
    assert set(noted) == {ana.pk, twin.pk}


def test_nobody_gets_two_reminders(ana, twin, library, owner, now):
    a_program(ana, library["BALL_PROGRESSION"], now=now)
    evening = now.replace(hour=18, minute=1)
    outbox.plan_messages(now=evening)
    merge(ana, twin, owner, evening)
    outbox.plan_messages(now=evening + timedelta(minutes=1))
    assert Message.objects.filter(kind="reminder").count() == 1
    assert Message.objects.get(kind="reminder").patient == twin


def test_a_mail_both_had_on_one_day_stays_with_the_closed_record_and_is_not_sent(
    ana, twin, dana, library, owner, now, mailoutbox
):
    a_program(ana, library["BALL_PROGRESSION"], now=now)
    for patient in (ana, twin):
        Message.objects.create(
            clinic=ana.clinic, patient=patient, kind="reminder", slot="daily", local_date=now.date(), due_at=now,
            not_after=now + timedelta(hours=4), planned_at=now,
        )  # fmt: skip
    merge(twin, ana, owner, now)
    delivery.send_messages(now=now)
    assert [mail.to for mail in mailoutbox] == [["ana@people.example"]]


def test_an_old_link_to_unsubscribe_still_works(client, ana, twin, owner, now):
    for patient in (ana, twin):
        Subscription.objects.create(patient=patient, list_name="reminders", token=f"token-{patient.pk}")
    merge(twin, ana, owner, now)
    client.post(f"/mail/unsubscribe/token-{twin.pk}/")
    ana.preferences.refresh_from_db()
    assert not ana.preferences.reminders


# Not yet


def test_two_running_programs_are_refused(ana, twin, library, owner, now):
    for patient in (ana, twin):
        a_program(patient, library["BALL_PROGRESSION"], now=now)
    with pytest.raises(Refused, match="Both have a running program"):
        merge(twin, ana, owner, now)
    assert Program.objects.filter(patient=twin).count() == 1


def test_two_sign_ins_are_refused(ana, other_patient, owner, now):
    with pytest.raises(Refused, match="take the other one out first"):
        merge(other_patient, ana, owner, now)


def test_a_closed_account_and_another_clinic_are_refused(ana, twin, canary_patient, owner, now):
    with pytest.raises(Refused):
        merge(canary_patient, ana, owner, now)
    merge(twin, ana, owner, now)
    twin.refresh_from_db()
    with pytest.raises(Refused, match="closed"):
        merge(twin, ana, owner, now)


def test_without_a_reason_nothing_is_merged(ana, twin, owner, now):
    with pytest.raises(Refused):
        merging.merge(twin, into=ana, reason=" ", actor=owner, now=now)
    assert Patient.objects.active().count() == 2


# The pages


def test_an_owner_or_licensed_therapist_merges_nobody_else(client_of, clinic, ana, twin, dana, owner, ravi):
    mila = people.make_member(clinic, "Mila", "therapist")
    page = f"/staff/patients/{ana.pk}/same/{twin.pk}/"
    statuses = [client_of(user).get(page).status_code for user in (owner, dana, mila, ravi)]
    assert statuses == [200, 200, 403, 403]


def test_the_preview_says_what_moves(client_of, ana, twin, library, dana, now):
    program = a_program(twin, library["BALL_PROGRESSION"], now=now)
    report_pain(twin, item=item_of(program, "BRG"), pain=8, actor=dana, now=now)
    assess_waiting_reports(now=now)
    withdraw_consent(twin, "reminders", actor=dana, now=now)
    page = client_of(dana).get(f"/staff/patients/{ana.pk}/same/{twin.pk}/").content.decode()
    assert "programs: <span" in page
    assert "Withdrawn in one of the two, and so in both: Daily reminders." in page


def test_where_something_must_be_done_first_there_is_nothing_to_press(client_of, ana, other_patient, dana):
    page = client_of(dana).get(f"/staff/patients/{ana.pk}/same/{other_patient.pk}/").content.decode()
    assert "take the other one out first" in page
    assert f'href="/staff/patients/{other_patient.pk}/"' in page
    assert "Merge the records</button>" not in page


def test_the_page_merges_and_shows_the_kept_record(client_of, ana, twin, dana):
    answer = client_of(dana).post(f"/staff/patients/{ana.pk}/same/{twin.pk}/", {"reason": WHY}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/staff/patients/{ana.pk}/"
    assert "The two records are one now." in answer.content.decode()
    assert WHY in client_of(dana).get(f"/staff/patients/{ana.pk}/same/").content.decode()


@pytest.mark.parametrize("more", [0, 2])
def test_the_search_costs_the_same_for_one_and_three(
    more, client_of, clinic, ana, twin, dana, django_assert_num_queries
):
    for number in range(more):
        people.make_patient(clinic, f"Anna {number}", email="", owner=dana)
    browser = client_of(dana)
    browser.get(f"/staff/patients/{ana.pk}/same/")
    with django_assert_num_queries(7):
        browser.post(f"/staff/patients/{ana.pk}/same/", {"q": "Anna"})


def test_the_owner_of_the_act_is_a_member(owner):
    assert merging.can_merge(Membership.objects.get(user=owner))
    assert not merging.can_merge(None)
