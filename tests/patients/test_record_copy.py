"""The copy of a record is complete: every table with a way to a patient is in it, or is left out for a reason."""

import csv
import io
import json
import zipfile

import pytest
from django.db import models
from django.urls import reverse

from clinic.models import AuditEntry, Clinic, User
from patients.models import Patient, PatientMessage
from patients.record_copy import LEFT_OUT, copy_of, everything, ways
from tests.architecture.rows import live, one_of_everything, our_models
from tests.conftest import CANARY
from tests.factories.browsers import shown_again
from tests.patients.test_record_summary import words_of


def leads_to_a_patient(model: type[models.Model], seen: frozenset = frozenset()) -> bool:
    """Over any relation but those to people and clinics: by these everything hangs together."""
    others = {field.related_model for field in model._meta.concrete_fields if field.related_model}
    nearer = others - seen - {User, Clinic, model}
    return model is Patient or any(leads_to_a_patient(other, seen | {model}) for other in nearer)


PERSONAL = [model for model in our_models() if leads_to_a_patient(model)]


def opened(archive: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(archive))


def test_every_table_with_a_way_to_a_patient_is_copied_or_named():
    assert {model._meta.label for model in PERSONAL} - {model._meta.label for model in ways()} == set(LEFT_OUT)
    assert len(PERSONAL) > 25


def test_a_row_of_each_of_them_is_in_the_copy(ana, dana, now):
    live(ana, text="Ours", now=now)
    rows = one_of_everything(ana, dana, text="Ours")
    tables = everything(ana)
    missing = [
        model._meta.label
        for model in ways()
        if model._meta.label != "patients.TrialRequest"
        and str(rows[model].pk) not in {str(row.get(model._meta.pk.attname)) for row in tables[model._meta.label]}
    ]
    assert missing == []
    assert tables["clinic.AuditEntry"]


def test_nothing_of_another_patient_is_in_it(ana, dana, canary_patient, olga, now):
    live(ana, text="Ours", now=now)
    live(canary_patient, text=CANARY, now=now)
    one_of_everything(canary_patient, olga, text=CANARY)
    with opened(copy_of(ana, actor=ana.user, now=now)) as archive:
        texts = [archive.read(name).decode() for name in archive.namelist() if name != "record.pdf"]
        texts.append(words_of(archive.read("record.pdf")))
    assert [text for text in texts if CANARY in text] == []


def test_the_zip_holds_all_of_it_twice(ana, dana, now):
    PatientMessage.objects.create(patient=ana, author=dana, from_clinic=True, body="=1+1", sent_at=now)
    with opened(copy_of(ana, actor=ana.user, now=now)) as archive:
        whole = json.loads(archive.read("record.json"))
        (line,) = csv.DictReader(io.StringIO(archive.read("patients-patientmessage.csv").decode()))
    assert whole["tables"]["patients.Identity"][0]["name"] == "Ana Silva"
    assert whole["tables"]["patients.PatientMessage"][0]["author"] == "Dana Reed"
    assert line["body"] == "'=1+1"  # no formula in a spreadsheet


def test_the_patient_takes_it_from_the_portal(client_of, ana):
    answer = shown_again(client_of(ana), ana.user).post(reverse("portal:my_data"))
    assert answer["Content-Type"] == "application/zip"
    assert "record.json" in opened(answer.content).namelist()
    assert AuditEntry.objects.get(verb="export").actor == ana.user


def test_an_owner_takes_it_and_closes_the_account(client_of, owner, ana):
    browser = shown_again(client_of(owner), owner)
    answer = browser.post(reverse("workspace:record_copy", args=[ana.pk]))
    assert "record.json" in opened(answer.content).namelist()
    close = reverse("workspace:close_account", args=[ana.pk])
    assert set(browser.post(close).context["form"].errors) == {"sure"}
    ana.refresh_from_db()
    assert ana.closed_at is None
    browser.post(close, {"sure": "on"})
    ana.refresh_from_db()
    assert ana.closed_at is not None


@pytest.mark.parametrize("notice", ["", "We keep what we need."])
def test_the_notice_of_the_clinic_stands_beside_it(client_of, ana, clinic, notice):
    clinic.privacy_notice = notice
    clinic.save()
    assert (client_of(ana).get(reverse("portal:my_data")).content.decode().count("Privacy notice") == 1) == bool(notice)
