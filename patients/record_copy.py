"""A copy of everything that is kept about a patient, as JSON and as CSV in one zip, with a PDF to read.

The tables are found by walking the models: a new table with a way to a patient is in the copy without being told.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clinic import audit, spreadsheets
from clinic.models import DeviceToken, User
from patients.looked import looks_at
from patients.models import ConsentText, Patient, TrialRequest
from patients.record_summary import as_pdf, person

Row = dict[str, Any]

OWNED = ("patients", "reminders")
LEFT_OUT = {
    "reminders.Schedule": "when the machine looks next, reckoned from the preferences",
    "reminders.Subscription": "the secret behind a link to unsubscribe",
}
SECRETS = {
    "lease_owner": "which machine sent a mail",
    "token_digest": "of the secret in an address",
    "person_key": "a keyed digest, of use to the machine alone",
    "phone_key": "a keyed digest, of use to the machine alone",
}


def copy_of(patient: Patient, *, actor: User, now: datetime) -> bytes:
    """The zip: `record.pdf` to read, `record.json` with every table, each table as CSV. That it was taken is noted."""
    audit.note("export", patient, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    tables = everything(patient)
    whole = {"clinic": patient.clinic.name, "made_at": now, "tables": tables}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("record.pdf", as_pdf(patient, now=now))
        archive.writestr("record.json", json.dumps(whole, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False))
        for name, rows in tables.items():
            if rows:
                archive.writestr(f"{slugify(name.replace('.', '-'))}.csv", _as_csv(rows))
        archive.writestr("read-me.txt", _read_me(patient))
    return file.getvalue()


def everything(patient: Patient) -> dict[str, list[Row]]:
    """Every row about the patient, by table. Ids stay ids; people and levels are named."""
    records = [patient.pk, *patient.aliases.values_list("pk", flat=True)]
    tables = {model._meta.label: _rows(model, way, patient, records) for model, way in ways().items()}
    tables["clinic.User"] = _account(patient)
    tables["clinic.DeviceToken"] = _devices(patient)
    tables["clinic.AuditEntry"] = [
        {"day": look.at.date(), "who": look.who, "what": look.what_for} for look in looks_at(patient, most=None)
    ]
    return tables


@cache
def ways() -> dict[type[models.Model], tuple[str, ...]]:
    """For each table to copy, the lookups that lead from its rows to the patient; a row may take any of them."""
    ours = [model for app in OWNED for model in apps.get_app_config(app).get_models()]
    found: dict[type[models.Model], tuple[str, ...]] = {Patient: ("pk",), TrialRequest: ("trial__patient",)}
    while new := {model: way for model in ours if model not in found and (way := _way(model, found))}:
        found |= new
    return {model: way for model, way in found.items() if model._meta.label not in LEFT_OUT}


def _way(model: type[models.Model], known: dict[type[models.Model], tuple[str, ...]]) -> tuple[str, ...]:
    """One sure relation is enough; where all of them may be empty, each counts."""
    relations = [field for field in model._meta.concrete_fields if field.related_model in known]
    relations.sort(key=lambda field: (field.related_model is not Patient, field.null))
    if relations and not relations[0].null:
        relations = relations[:1]
    return tuple(_through(field, known) for field in relations)


def _through(field: Any, known: dict[type[models.Model], tuple[str, ...]]) -> str:
    if field.related_model is Patient:
        return str(field.name)
    return f"{field.name}__{known[field.related_model][0]}"


def _rows(model: type[models.Model], way: tuple[str, ...], patient: Patient, records: list[UUID]) -> list[Row]:
    theirs = Q()
    for lookup in way:
        theirs |= Q(**{f"{lookup}__in": records})
    named = [field.name for field in model._meta.concrete_fields if _is_named(field)]
    rows = model._base_manager.filter(theirs).select_related(*named).order_by("pk").distinct()
    return [dict(_values(row, patient)) for row in rows]


def _is_named(field: Any) -> bool:
    """Whether the row at the other end says more than its id: people, agreed words, what the book calls things."""
    other = field.related_model
    return bool(other) and (other in (User, ConsentText) or other._meta.app_label == "programs")


def _values(row: models.Model, patient: Patient) -> Iterator[tuple[str, Any]]:
    for field in row._meta.concrete_fields:
        if field.name in SECRETS:
            continue
        if _is_named(field):
            yield field.name, _name(getattr(row, field.name), patient)
        else:
            yield field.attname, field.value_from_object(row)


def _name(other: models.Model | None, patient: Patient) -> str:
    if other is None:
        return ""
    if isinstance(other, User):
        return person(other, patient)
    if isinstance(other, ConsentText):
        return other.text
    return str(getattr(other, "code", "") or getattr(other, "title", "") or other.pk)


def _account(patient: Patient) -> list[Row]:
    user = patient.user
    return [{"email": user.email, "name": user.name, "created_at": user.created_at}] if user else []


def _devices(patient: Patient) -> list[Row]:
    devices = DeviceToken.objects.filter(user=patient.user_id, user__isnull=False).order_by("created_at")
    return [{"name": one.name, "created_at": one.created_at, "revoked_at": one.revoked_at} for one in devices]


def _as_csv(rows: list[Row]) -> str:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(rows[0])
    for row in rows:
        lines.writerow(map(_cell, row.values()))
    return text.getvalue()


def _cell(value: Any) -> object:
    """A value as a table shows it."""
    if isinstance(value, dict | list):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return spreadsheets.cell(value)


def _read_me(patient: Patient) -> str:
    text = _(
        "This is a copy of everything %(clinic)s keeps about you in this program, in record.json as a whole and in "
        "the other files as tables; record.pdf tells what matters most, to be read. "
        "Times are in UTC. Weights are in grams, lengths of time in seconds.\n"
    )
    return text % {"clinic": patient.clinic.name}
