"""A clinic's days in which every word anybody types is marked, told through pages, the API, mails and workers."""

import re
from datetime import time, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic import sign_in
from clinic.models import Clinic, SignInCode, User
from clinic.zones import instant
from patients import tasks as patient_tasks
from patients.intake_pages.forms import started_at
from patients.models import Identity, PainFlag, Patient, Program
from reminders import delivery, outbox
from reminders import tasks as mail_tasks
from tests.factories import people
from tests.factories.browsers import signed_in
from tests.factories.library import published_library
from tests.factories.programs import a_program, item_of

# In every word, so that one search finds them all. A birth date and a phone number cannot hold letters.
MARK = "qzxwvk"
BIRTH, PHONE = "1957-03-14", "020 7946 0987"
MARKS = re.compile(r"qzxwvk|1957-03-14|14 march 1957|14/03/1957|7946.?0987", re.IGNORECASE)
EMAIL = f"{MARK}mail@people.example"


def words(about: str) -> str:
    return f"{MARK.capitalize()}{about} said so"


class Broken(Exception):
    """A fault whose text quotes what was typed, as those of parsers and databases do."""


class Life:
    """Tells the life and keeps every request and answer. `clinic` takes trials, `owner` runs it and treats."""

    def __init__(self, clinic: Clinic, owner: User) -> None:
        self.clinic, self.owner = clinic, owner
        self.library = published_library(clinic)
        self.answers: list[Any] = []
        self.staff, self.stranger, self.phone = signed_in(owner), Client(), Client()
        for browser in (self.staff, self.stranger, self.phone):
            browser.raise_request_exception = False

    def get(self, browser: Client, path: str, **data: Any) -> Any:
        return self.kept(browser.get(path, data))

    def post(self, browser: Client, path: str, **data: Any) -> Any:
        return self.kept(browser.post(path, data))

    def send(self, path: str, **body: Any) -> Any:
        return self.kept(self.phone.post(f"/api/v1/{path}/", body, content_type="application/json"))

    def kept(self, answer: Any) -> Any:
        self.answers.append(answer)
        return answer

    def told(self) -> None:
        self.a_stranger_asks_for_a_trial()
        patient = self.staff_add_a_patient()
        self.the_patient_signs_in()
        self.the_patient_trains(patient)
        self.a_calendar_reads()
        self.the_clinic_follows_up(patient)
        self.mails_go_out()
        self.the_clinic_changes_things(patient)
        self.things_go_wrong(patient)

    def a_stranger_asks_for_a_trial(self) -> None:
        path, started = f"/trial/{self.clinic.slug}/", started_at(timezone.now() - timedelta(minutes=5))
        self.post(self.stranger, path, red_flags="none")
        given = {"name": words("Stranger"), "email": f"trial.{EMAIL}", "phone": PHONE, "birth_date": BIRTH}
        given |= {"postcode": "QZX 1AA", "complaint": words("complaint"), "goals": words("goal"), "side": "left"}
        given |= {"pain_now": "2", "pain_usual": "2", "leg_tingling": "no", "red_flags": "none", "send": "1"}
        self.post(self.stranger, path, **given, started=started)  # refused: nothing is agreed to
        agreed = ("trial_terms", "treatment", "health_data", "privacy", "email")
        self.post(self.stranger, path, **given, started=started, **{f"consent_{kind}": "on" for kind in agreed})
        mail_tasks.plan_messages.apply()
        mail_tasks.send_messages.apply()
        body = mail.outbox[-1].body
        confirm = next(word for word in str(body).split() if "/confirm/" in word).removeprefix("http://testserver")
        self.get(self.stranger, confirm)
        self.post(self.stranger, confirm)
        self.get(self.staff, "/staff/trials/")

    def staff_add_a_patient(self) -> Patient:
        contact = {"name": words("Patient"), "called": words("Called"), "email": EMAIL, "phone": PHONE}
        contact |= {"birth_date": BIRTH, "postcode": "QZX 1AA", "zone": "Europe/London", "equipment": ""}
        self.post(self.staff, "/staff/patients/new/", **contact | {"email": f"{MARK} no address"})
        self.post(self.staff, "/staff/patients/new/", **contact)
        patient = Identity.objects.get(email=EMAIL).patient
        page = f"/staff/patients/{patient.pk}"
        self.post(self.staff, f"{page}/contact/", **contact, emergency_contact=words("Sister"))
        self.post(self.staff, f"{page}/consents/", kinds=list(people.EVERYDAY_CONSENTS))
        self.post(self.staff, f"{page}/carers/new/", name=words("Carer"), user_email=f"carer.{EMAIL}", relation=MARK)
        patient.owner = self.owner
        patient.save()
        a_program(patient, self.library["BALL_PROGRESSION"], now=timezone.now(), reason=words("reason"))
        for path in ("/staff/", f"{page}/", reverse("reminders:outbox"), f"{page}/contact/"):
            self.get(self.staff, path)
        return patient

    def the_patient_signs_in(self) -> None:
        self.post(self.phone, "/sign-in/", email=f"nobody.{EMAIL}")
        self.post(self.phone, "/sign-in/staff/", email=EMAIL, password=words("password"))
        self.post(self.phone, "/sign-in/staff/", email=words("password typed here"), password="x")
        self.post(self.phone, "/sign-in/", email=EMAIL)
        code = sign_in.open_code(SignInCode.objects.get(user__email=EMAIL))
        mail_tasks.send_codes.apply()
        self.post(self.phone, "/sign-in/code/", code="000000")
        self.post(self.phone, "/sign-in/code/", code=code)

    def the_patient_trains(self, patient: Patient) -> None:
        item = item_of(Program.objects.get(patient=patient), "BRG")
        for path in ("/today/", "/session/", "/progress/", "/settings/", "/messages/"):
            self.get(self.phone, path)
        sets = [{"side": "both", "reps": 10}]
        done = {
            "item": str(item.pk),
            "sets": sets,
            "pain_before": 1,
            "pain_during": 2,
            "pain_after": 1,
            "note": words("exercise note"),
        }
        self.send("sessions", id=str(uuid4()), note=words("session note"), exercises=[done])
        self.send("sessions", id=str(uuid4()), note=words("refused note"), exercises=[done | {"item": words("id")}])
        self.post(self.phone, "/pain/", pain="8", about=str(item.pk), words="sharp", note=words("pain note"))
        self.post(self.phone, "/messages/", body=words("message"))
        patient_tasks.raise_flags.apply()
        patient_tasks.tick.apply()

    def a_calendar_reads(self) -> None:
        made = self.post(self.phone, "/settings/calendar/").context["address"].removeprefix("http://testserver")
        self.calendar_secret = made.removeprefix("/cal/").removesuffix(".ics")
        for path in (made, f"/cal/{MARK}-one-time-guess.ics"):
            self.get(self.stranger, path)
        with mock.patch("patients.calendar_feeds.coming_days", side_effect=Broken(made)):
            assert self.get(self.stranger, made).status_code == 500
        self.get(self.phone, "/settings/calendar/")

    def the_clinic_follows_up(self, patient: Patient) -> None:
        flag = PainFlag.objects.filter(patient=patient).order_by("severity").first()
        assert flag
        page = f"/staff/triage/{flag.pk}"
        self.get(self.staff, "/staff/triage/")
        self.post(self.staff, f"{page}/take/")
        self.post(self.staff, f"{page}/contact/", channel="phone", outcome="reached", note=words("call"))
        self.post(self.staff, f"{page}/message/", body=words("answer"))
        self.post(self.staff, f"{page}/resolve/", code="dose_reduced", effect="resume", note=words("closing"))

    def the_clinic_changes_things(self, patient: Patient) -> None:
        item = item_of(Program.objects.get(patient=patient), "BRG")
        exercise = f"/staff/patients/{patient.pk}/exercises/{item.pk}"
        self.post(self.staff, f"{exercise}/lock/", reason=words("lock"))
        self.post(self.staff, f"/staff/patients/{patient.pk}/pause/", reason=words("pause"))
        self.post(self.staff, "/staff/find/", q=words("Patient"))

    def mails_go_out(self) -> None:
        now = timezone.now()
        outbox.plan_reminders(now=now)
        for days in (0, 1):
            evening = instant(now.date() + timedelta(days=days), time(19), "Europe/London")
            outbox.plan_messages(now=evening)
            delivery.send_messages(now=evening)
        for task in (mail_tasks.plan_messages, mail_tasks.plan_alerts, mail_tasks.send_messages):
            task.apply()

    def things_go_wrong(self, patient: Patient) -> None:
        def breaks(name: str) -> Any:
            return mock.patch(name, side_effect=Broken(f"{words('quoted')} {EMAIL} {BIRTH}"))

        with breaks("patients.portal.messages.send_message"):
            assert self.post(self.phone, "/messages/", body=words("lost message")).status_code == 500
        with breaks("patients.api.pain_reports.report_pain"):
            assert self.send("pain-reports", pain=3, note=words("lost report")).status_code == 500
        with breaks("clinic.sign_in.redeem_link"):
            assert self.post(self.stranger, f"/sign-in/link/{MARK}-one-time-token/").status_code == 500
        self.post(self.phone, "/messages/", body=words("another message"))
        self.post(self.phone, "/sign-in/", email=EMAIL)
        with breaks("django.core.mail.backends.locmem.EmailBackend.send_messages"):
            mail_tasks.send_codes.apply()
        with breaks("patients.flagging.assess_waiting_reports"), breaks("reminders.content.write"):
            patient_tasks.raise_flags.apply()
            mail_tasks.send_messages.apply()
