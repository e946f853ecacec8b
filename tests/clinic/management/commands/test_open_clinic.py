"""The first day of an installation: nobody can sign in, until a clinic is opened and its owner invited."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from clinic.models import AuditEntry, Clinic, Membership, User
from reminders import delivery, outbox

PASSWORD = "a nerve glide waits for tomorrow"
RIVERSIDE = {
    "name": "Riverside Physiotherapy",
    "short_name": "Riverside",
    "slug": "riverside",
    "zone": "Europe/London",
    "owner_name": "Iris Holm",
    "owner_email": "Iris@people.example",
}


def open_clinic(**changes: str) -> None:
    call_command("open_clinic", **(RIVERSIDE | changes))


def test_the_first_owner_chooses_a_password_through_the_mail_and_signs_in(db, mailoutbox):
    open_clinic()
    outbox.plan_messages(now=timezone.now())
    delivery.send_messages(now=timezone.now())
    [mail] = mailoutbox
    [page] = re.findall(r"http://testserver(/invitation/\S+)", mail.body)
    browser = Client()
    browser.post(page, {"password": PASSWORD})
    answer = browser.post("/sign-in/staff/", {"email": "iris@people.example", "password": PASSWORD}, follow=True)
    assert mail.to == ["iris@people.example"]
    # Staff set up their second step before anything else.
    assert answer.redirect_chain[-1][0] == "/account/second-step/"


def test_the_owner_owns_the_clinic_and_nothing_more(db):
    open_clinic()
    [member] = Membership.objects.all()
    assert (member.clinic.slug, member.roles, member.licensed) == ("riverside", {"owner"}, False)


def test_the_portal_waits_until_the_owner_has_said_whom_to_call(db):
    open_clinic()
    assert not Clinic.objects.get().is_ready


def test_it_is_on_record_without_an_actor(db):
    open_clinic()
    entries = AuditEntry.objects.order_by("pk")
    assert [(entry.verb, entry.actor) for entry in entries] == [("open_clinic", None), ("invite", None)]


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("name", " ", "name: "),
        ("short_name", "", "short_name: "),
        ("slug", "River side", "slug: "),
        ("zone", "CET", "zone: CET is not a time zone"),
        ("owner_name", " ", "name: "),
        ("owner_email", "iris", "email: iris is not an e-mail address"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_left_behind(db, field, value, named):
    with pytest.raises(CommandError, match=named):
        open_clinic(**{field: value})
    assert (Clinic.objects.count(), User.objects.count()) == (0, 0)


def test_a_second_clinic_takes_another_address_word(clinic):
    with pytest.raises(CommandError, match="slug: "):
        open_clinic(slug=clinic.slug)
