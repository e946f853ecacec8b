"""One row of every model, for each of two clinics, so that a test can go over all of them."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.db import models

from clinic.models import Clinic, Membership, User
from patients.models import Consent, Identity, Patient, Preferences
from tests.factories.people import NOW

APPS = ("clinic", "programs", "patients", "reminders")

# What a field must hold for the database, or a page, to take it; everything else is filled by its type.
GIVEN: dict[str, dict[str, Any]] = {}

Rows = dict[type[models.Model], models.Model]


def our_models() -> list[type[models.Model]]:
    return [model for name in APPS for model in apps.get_app_config(name).get_models()]


def one_of_everything(patient: Patient, staff: User, *, text: str) -> Rows:
    """A row of each model of the clinic of `patient`; free text fields hold `text`."""
    rows: Rows = {
        Clinic: patient.clinic,
        User: User.objects.get(patients=patient),
        Patient: patient,
        Membership: Membership.objects.get(user=staff, clinic=patient.clinic),
        Identity: patient.identity,
        Preferences: patient.preferences,
        Consent: Consent.objects.filter(patient=patient).earliest("pk"),
    }
    for model in our_models():
        row_of(model, rows, text)
    return rows


def row_of(model: type[models.Model], rows: Rows, text: str) -> models.Model:
    if model not in rows:
        given = GIVEN.get(model._meta.label, {})
        values = {field.name: value_for(field, rows, text) for field in needed(model, rows) if field.name not in given}
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
    if isinstance(field, models.IntegerField):
        return 1
    if isinstance(field, models.UUIDField):
        return rows[Patient].pk
    if isinstance(field, models.JSONField):
        return {}
    raise NotImplementedError(f"{field} of {field.model.__name__}: say in GIVEN what it should hold")
