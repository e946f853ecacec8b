"""Ana changes her own address: the new one has to answer first, and the old one is told."""

import pytest
from django.contrib.auth import get_user
from django.test import Client

from clinic import sign_in
from clinic.models import AccountEvent, AuditEntry, SignInCode, User
from patients.models import Identity, Patient
from reminders import delivery, outbox
from reminders.models import Message
from tests.factories import people
from tests.factories.browsers import shown_again, signed_in
from tests.reminders.test_content import TELLTALE

NEW = "ana.new@people.example"


@pytest.fixture
def portal(ana):
    return shown_again(signed_in(ana.user), ana.user)


def ask(browser, email=NEW):
    return browser.post("/settings/address/", {"email": email})


def newest_code() -> str:
    return sign_in.open_code(SignInCode.objects.latest("pk"))


def confirm(browser, code=None):
    return browser.post("/settings/address/code/", {"code": code or newest_code()})


def address_of(ana) -> tuple[str, str]:
    return User.objects.get(pk=ana.user_id).email, Identity.objects.get(pk=ana.pk).email


def test_an_older_session_is_asked_first(ana):
    browser = signed_in(ana.user)
    for answer in (browser.get("/settings/address/"), ask(browser)):
        assert answer.headers["Location"].startswith("/account/confirm/mail/?next=")


def test_the_new_address_holds_once_its_code_is_typed(portal, ana, mailoutbox, now):
    ask(portal)
    before, code = address_of(ana), newest_code()
    delivery.send_codes(now=now)
    confirm(portal, code)

    assert mailoutbox[0].to == [NEW]
    assert before == ("ana@people.example", "ana@people.example")
    assert address_of(ana) == (NEW, NEW)
    assert NEW in Identity.objects.get(pk=ana.pk).search
    assert AuditEntry.objects.filter(verb="change_address", patient_id=ana.pk, actor=ana.user).count() == 1


def test_it_holds_in_every_clinic_she_is_a_patient_of(portal, ana, other_clinic, now):
    there = Patient.objects.create(clinic=other_clinic, user=ana.user, zone="Europe/London", created_at=now)
    Identity.objects.create(patient=there, name="Ana Silva", email="ana@people.example")
    portal.post("/whose/", {"patient": str(ana.pk)})
    ask(portal)
    confirm(portal)
    assert set(Identity.objects.values_list("email", flat=True)) == {NEW}


def test_the_old_address_is_told_without_a_word_of_health(portal, ana, mailoutbox, now):
    ask(portal)
    confirm(portal)
    kept = str(AccountEvent.objects.get().data)
    outbox.plan_messages(now=now)
    delivery.send_messages(now=now)
    (mail,) = [one for one in mailoutbox if one.to == ["ana@people.example"]]

    assert "Our mails do not come to this address any more." in mail.body
    assert TELLTALE.findall(f"{mail.subject} {mail.body}") == []
    assert "Ana" not in mail.body
    assert "people.example" not in kept
    assert AccountEvent.objects.get().data == {}
    assert Message.objects.get(kind="account_notice").state == "sent"


def test_every_other_session_and_mailed_key_ends_and_this_one_stays(portal, ana, now):
    elsewhere, mailed = signed_in(ana.user), sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    ask(portal)
    answer = confirm(portal)

    assert answer.headers["Location"] == "/settings/"
    assert get_user(portal) == ana.user
    assert not get_user(elsewhere).is_authenticated
    with pytest.raises(sign_in.CodeIsOver):
        sign_in.redeem_code(mailed.pk, "000000", now=now)


@pytest.mark.parametrize("taken", ["dana@people.example", "other.patient@people.example"])
def test_an_address_that_is_taken_gets_the_same_answer_and_no_mail(
    portal, ana, dana, other_patient, taken, mailoutbox, now
):
    free = ask(portal)
    free_page = portal.get(free.headers["Location"])
    wrong_free = confirm(portal, "000001")
    ask(portal, taken)
    taken_page = portal.get("/settings/address/code/")
    wrong_taken = confirm(portal, "000001")
    delivery.send_codes(now=now)

    def words(answer, email):
        return answer.content.decode().replace(email, "").replace(str(answer.context["csrf_token"]), "")

    assert words(free_page, NEW) == words(taken_page, taken)
    assert words(wrong_free, NEW) == words(wrong_taken, taken)
    assert [mail.to for mail in mailoutbox if mail.to != [NEW]] == []


def test_even_the_right_digits_take_no_address_of_staff(portal, ana, dana):
    ask(portal, dana.email)
    confirm(portal)
    assert address_of(ana) == ("ana@people.example", "ana@people.example")


def test_an_address_taken_meanwhile_is_refused(portal, ana):
    ask(portal)
    people.make_user("Quicker", email=NEW)
    confirm(portal)
    assert address_of(ana)[0] == "ana@people.example"


def test_a_wrong_code_changes_nothing_and_says_so(portal, ana):
    ask(portal)
    code = f"{(int(newest_code()) + 1) % 1_000_000:06d}"
    assert "That is not the code we sent." in confirm(portal, code).content.decode()
    assert address_of(ana)[0] == "ana@people.example"


def test_the_same_address_and_a_malformed_one_are_named(portal):
    assert "That is your address already." in ask(portal, "Ana@people.example").content.decode()
    assert set(ask(portal, "ana").context["form"].errors) == {"email"}


def test_a_carer_leaves_the_address_alone(ana):
    carer = people.make_user("Rosa Silva")
    people.make_proxy(ana, carer)
    browser = shown_again(signed_in(carer), carer)
    assert browser.get("/settings/address/").status_code == 404
    assert "/settings/address/" not in browser.get("/settings/").content.decode()


def test_without_having_asked_there_is_nothing_to_confirm(ana):
    assert signed_in(ana.user).get("/settings/address/code/").headers["Location"] == "/settings/address/"
    assert Client().get("/settings/address/").headers["Location"].startswith("/sign-in/")
