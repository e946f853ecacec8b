"""One row of every model, for each of two clinics, so that a test can go over all of them."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models

from clinic.access import ScopedQuerySet
from clinic.models import Clinic, Membership, User
from patients.flagging import assess_waiting_reports
from patients.follow_up import take
from patients.messages import send_message
from patients.models import Consent, Identity, PainFlag, Patient, Preferences
from patients.reports import report_pain
from programs.models import Picture
from tests.factories.library import published_library
from tests.factories.people import NOW
from tests.factories.programs import a_program, a_session, as_planned, item_of

APPS = ("clinic", "programs", "patients", "reminders")

# What a field must hold for the database, or a page, to take it; everything else is filled by its type.
GIVEN: dict[str, dict[str, Any]] = {
    "programs.Picture": {"file": "pictures/nowhere.webp"},
    "patients.Measure": {"code": "PSFS", "value": 5},
    "reminders.Subscription": {"list_name": "reminders"},
}

# Rows of no clinic: both share them, and nothing of a clinic is in them.
SHARED = {"clinic.Heartbeat", "clinic.Spent", "reminders.Relay"}

# Rows two patients of a clinic share.
ONCE_A_CLINIC = {"patients.ConsentText"}

Rows = dict[type[models.Model], models.Model]


def our_models() -> list[type[models.Model]]:
    return [model for name in APPS for model in apps.get_app_config(name).get_models()]


def one_of_everything(patient: Patient, staff: User, *, text: str, taken: Rows | None = None) -> Rows:
    """A row of each model of the clinic of `patient`; free text fields hold `text`.

    Rows in `taken` are another patient's of the same clinic: what is the clinic's alone they share.
    """
    rows: Rows = {
        Clinic: patient.clinic,
        User: User.objects.get(patients=patient),
        Patient: patient,
        Membership: Membership.objects.get(user=staff, clinic=patient.clinic),
        Identity: patient.identity,
        Preferences: patient.preferences,
        Consent: Consent.objects.filter(patient=patient).earliest("pk"),
    }
    taken = taken or {}
    rows = {model: row for model, row in taken.items() if model._meta.label in ONCE_A_CLINIC} | rows
    for model in our_models():
        if model not in rows and (row := seen_last(model, staff, taken.get(model))):
            rows[model] = row
    for model in our_models():
        row_of(model, rows, text)
    return rows


def seen_last(model: type[models.Model], staff: User, taken: models.Model | None) -> models.Model | None:
    found = model._default_manager.get_queryset()
    if not isinstance(found, ScopedQuerySet):
        return None
    return found.visible_to(staff).exclude(pk=taken.pk if taken else None).order_by("pk").last()


def live(patient: Patient, *, text: str, now: dt.datetime) -> None:
    """A program, a session, a report, its flag, a picture and a message, made by the verbs: pages need whole rows."""
    owner = User.objects.get(caseload=patient)
    program = a_program(patient, published_library(patient.clinic)["BALL_PROGRESSION"], now=now, reason=text)
    a_session(program, as_planned(item_of(program, "BRG")), now=now, note=text)
    report_pain(patient, item=item_of(program, "BRG"), pain=8, note=text, actor=patient.user, now=now)
    assess_waiting_reports(now=now)
    take(PainFlag.objects.visible_to(owner).latest("pk"), actor=owner, now=now)
    Picture.objects.create(clinic=patient.clinic, file=ContentFile(b"RIFF", "a.webp"), brought_at=now)
    send_message(patient, text, from_clinic=False, actor=patient.user, now=now)


def row_of(model: type[models.Model], rows: Rows, text: str) -> models.Model:
    if model not in rows:
        given = GIVEN.get(model._meta.label, {})
        text = "Shared" if model._meta.label in SHARED else text
        values = {field.name: value_for(field, rows, text) for field in needed(model, rows) if field.name not in given}
        if model._meta.label in SHARED and (shared := model._base_manager.first()):
            return rows.setdefault(model, shared)
        rows[model] = model._base_manager.create(**(values | given))
    return rows[model]


def needed(model: type[models.Model], rows: Rows) -> list[models.Field]:
    """Fields without a default; of the optional relations, those to a row that is there already."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if not (field.has_default() or isinstance(field, models.AutoField))
    ]
    return [field for field in fields if not field.null or field.related_model in rows]


def value_for(field: models.Field, rows: Rows, text: str) -> Any:
    if field.related_model:
        return row_of(field.related_model, rows, text)
    if field.choices:
        return field.flatchoices[0][0]
    if field.name == "zone":
        return "Europe/London"
    if isinstance(field, models.EmailField):
        return f"{text.lower()}@rows.example"
    if isinstance(field, models.CharField | models.TextField):
        return text[: field.max_length] if field.unique is False else f"{text}-{field.name}"[: field.max_length]
    if isinstance(field, models.DateTimeField):
        return NOW
    if isinstance(field, models.DateField):
        return NOW.date()
    if isinstance(field, models.TimeField):
        return dt.time(9)
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.IntegerField | models.DecimalField):
        return 1
    if isinstance(field, models.UUIDField):
        return rows[Patient].pk
    if isinstance(field, models.JSONField):
        return {}
    raise NotImplementedError(f"{field} of {field.model.__name__}: say in GIVEN what it should hold")
