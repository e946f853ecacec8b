"""What a mail says, and what it never says."""

import re
from datetime import date, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives

from clinic import accounts, sign_in
from clinic.models import Clinic
from patients.models import Patient
from reminders import content, delivery, outbox
from reminders.models import Message
from tests.factories.people import give_consent
from tests.reminders.conftest import ask

# Anything about a body, a complaint or a trial: an open card must not show it.
TELLTALE = re.compile(
    r"pain|hurt|ache|sore|symptom|injur|hamstring|thigh|knee|hip|back|leg|nerve|muscle|rehab|physio|therap|trial|"
    r"bridge|curl|squat|deadlift|stretch|glide|stop",
    re.IGNORECASE,
)


@pytest.fixture
def reminder(program, evening, outgoing) -> EmailMultiAlternatives:
    outbox.plan_reminders(now=evening)
    delivery.send_messages(now=evening)
    return outgoing[0]


def html_of(mail):
    return mail.alternatives[0][0]


def visible_headers(mail):
    source = mail.message()
    return "\n".join(f"{name}: {value}" for name, value in source.items() if name != "Content-Type")


def test_subject_and_headers_tell_nothing(reminder):
    assert TELLTALE.findall(visible_headers(reminder)) == []


def test_the_text_names_no_exercise(reminder):
    assert TELLTALE.findall(reminder.body) == []


def test_text_and_html_say_the_same(reminder):
    words = re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", " ", html_of(reminder), flags=re.DOTALL)

    for line in ("Hello Ana,", "about", "Open my plan"):
        assert line in reminder.body and line in words


def test_it_greets_by_first_name_and_counts_the_work(reminder):
    assert reminder.body.startswith("Hello Ana,")
    assert re.search(r"\d+ exercises?, about \d+ min\.", reminder.body)


def test_it_comes_from_the_clinics_neutral_name_and_answers_go_to_the_clinic(reminder):
    assert reminder.from_email == "Riverside <stepwell@localhost>"
    assert reminder.reply_to == ["desk@clinic.example"]


def test_it_says_that_a_machine_wrote_it(reminder):
    assert reminder.message()["Auto-Submitted"] == "auto-generated"


def test_list_mail_can_be_stopped_with_one_click(reminder):
    source = reminder.message()
    link = source["List-Unsubscribe"].strip("<>")

    assert source["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"http://testserver/mail/unsubscribe/[\w-]{43}/", link)
    assert link in reminder.body and link in html_of(reminder)


def test_every_other_link_leads_to_the_front_door(reminder):
    links = set(re.findall(r"https?://[^\s\"<]+", reminder.body + html_of(reminder)))

    assert {link for link in links if "/unsubscribe/" not in link} == {"http://testserver/"}


def test_the_html_loads_nothing_from_elsewhere(reminder):
    assert re.findall(r"<(?:img|link|script|iframe)\b|url\(|style=", html_of(reminder)) == []


def test_exercises_are_named_only_where_clinic_and_patient_agreed(program, evening, outgoing):
    Clinic.objects.update(mail_detail=True)
    give_consent(program.patient, "mail_detail")

    outbox.plan_reminders(now=evening)
    delivery.send_messages(now=evening)

    names = {item.level.name for item in program.items.all()}
    assert names & set(re.findall(r"^- (.*)$", outgoing[0].body, re.MULTILINE))


@pytest.mark.parametrize(("clinic_agrees", "patient_agrees"), [(True, False), (False, True)])
def test_one_agreement_is_not_enough(program, evening, outgoing, clinic_agrees, patient_agrees):
    Clinic.objects.update(mail_detail=clinic_agrees)
    if patient_agrees:
        give_consent(program.patient, "mail_detail")

    outbox.plan_reminders(now=evening)
    delivery.send_messages(now=evening)

    assert re.findall(r"^- ", outgoing[0].body, re.MULTILINE) == []


def test_the_question_alone_names_no_plan(program, evening, outgoing):
    program.items.update(override="pause")
    ask(program, now=evening)

    outbox.plan_reminders(now=evening)
    delivery.send_messages(now=evening)

    assert outgoing[0].subject == "A quick question from your clinic"
    assert TELLTALE.findall(outgoing[0].body) == []


def test_the_suggestions_take_turns():
    patient = Patient()
    texts = {content._suggestion(Message(patient=patient, local_date=day)) for day in days(10)}

    assert len(texts) == len(content.SUGGESTIONS) >= 8


def days(count):
    return [date(2026, 3, 2) + timedelta(days=n) for n in range(count)]


def test_no_suggestion_tells_anything():
    assert [str(text) for text in content.SUGGESTIONS if TELLTALE.search(str(text))] == []


def test_a_code_is_in_the_text_and_nowhere_else(ana, now, outgoing):
    sign_in.send_code("ana@people.example", visitor="127.0.0.1", now=now)
    delivery.send_codes(now=now)
    (mail,) = outgoing

    (digits,) = re.findall(r"\d{3} \d{3}", mail.body)
    assert digits.replace(" ", "") not in visible_headers(mail) and digits not in visible_headers(mail)
    assert "List-Unsubscribe" not in mail.message()


def test_a_code_in_a_mail_signs_in(ana, now, outgoing):
    row = sign_in.send_code("ana@people.example", visitor="127.0.0.1", now=now)
    delivery.send_codes(now=now)

    (digits,) = re.findall(r"\d{3} \d{3}", outgoing[0].body)
    assert sign_in.redeem_code(row.pk, digits, now=now) == ana.user


def test_once_the_mail_has_left_nobody_can_read_the_code(ana, now, outgoing):
    row = sign_in.send_code("ana@people.example", visitor="127.0.0.1", now=now)
    delivery.send_codes(now=now)

    row.refresh_from_db()
    assert (row.sealed, Message.objects.get().state) == ("", "sent")


def test_an_unknown_address_gets_no_mail(clinic, now, outgoing):
    sign_in.send_code("nobody@people.example", visitor="127.0.0.1", now=now)
    delivery.send_codes(now=now)

    assert (outgoing, Message.objects.count()) == ([], 0)


def test_an_invited_person_gets_the_link_that_sets_a_password(clinic, owner, now, outgoing):
    member = accounts.invite_member(
        clinic, name="Sam Hill", email="sam@people.example", roles=["desk"], actor=owner, now=now
    )
    for _round in range(2):
        outbox.plan_messages(now=now)
        delivery.send_messages(now=now)

    (mail,) = outgoing
    (token,) = re.findall(r"/invitation/[^/]+/([^/]+)/", mail.body)
    assert accounts.may_accept(member, token)


def test_a_sender_name_with_a_line_break_is_never_a_header(program, evening, outgoing):
    Clinic.objects.update(short_name="River\nBcc: all@people.example")

    outbox.plan_reminders(now=evening)
    delivery.send_messages(now=evening)

    assert (outgoing, Message.objects.get().reason) == ([], "unwritable")


def test_a_clinic_without_a_reply_address_has_no_reply_header(program, evening, outgoing):
    Clinic.objects.update(email="")

    outbox.plan_reminders(now=evening)
    delivery.send_messages(now=evening)

    assert outgoing[0].message()["Reply-To"] is None
