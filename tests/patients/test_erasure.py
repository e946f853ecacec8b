"""Leaving: the account is closed, and after the clinic's years nobody can say any more who it was."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from clinic.models import AuditEntry, User
from clinic.refusals import Refused
from patients.episodes import discharge
from patients.erasure import close_account, erase_again, erase_due, registered
from patients.models import Identity, Patient, PatientMessage, TrialRequest
from tests.factories.programs import an_episode
from tests.factories.trials import a_trial

NINE_YEARS = timedelta(days=9 * 366)


@pytest.fixture(autouse=True)
def register(settings, tmp_path):
    settings.ERASURE_REGISTER = tmp_path / "erasures.jsonl"
    return settings.ERASURE_REGISTER


@pytest.fixture
def closed(ana, dana, now):
    return close_account(ana, actor=dana, now=now)


def test_who_left_has_no_portal_and_is_in_no_list(client_of, closed, dana):
    assert client_of(closed).get("/today/").status_code == 403
    assert "Ana Silva" not in client_of(dana).get("/staff/").content.decode()


def test_nobody_leaves_in_the_middle_of_an_episode(ana, dana, library, now):
    an_episode(ana, now=now)
    with pytest.raises(Refused, match="episode is open"):
        close_account(ana, actor=dana, now=now)


def test_an_account_closes_once(closed, dana, now):
    with pytest.raises(Refused, match="closed already"):
        close_account(closed, actor=dana, now=now)


def test_nothing_is_erased_before_the_time_is_over(closed, now):
    assert erase_due(now=now + timedelta(days=7 * 365)) == 0
    assert Identity.objects.get(patient=closed).name == "Ana Silva"


def test_afterwards_nothing_leads_to_the_person(closed, now):
    assert erase_due(now=now + NINE_YEARS) == 1
    identity = Identity.objects.get(patient=closed)
    kept = {field.name: getattr(identity, field.name) for field in Identity._meta.concrete_fields[1:]}
    assert {name: value for name, value in kept.items() if value} == {"name": "Erased"}
    assert not User.objects.filter(email="ana@people.example").exists()
    assert not User.objects.filter(name="Ana Silva").exists()


def test_the_history_stays(closed, dana, now):
    PatientMessage.objects.create(patient=closed, author=dana, from_clinic=True, body="Well done.", sent_at=now)
    before = AuditEntry.objects.filter(patient_id=closed.pk).count()
    erase_due(now=now + NINE_YEARS)
    assert PatientMessage.objects.filter(patient=closed).count() == 1
    assert AuditEntry.objects.filter(patient_id=closed.pk).count() == before + 1


def test_twice_is_once(closed, now, register):
    assert [erase_due(now=now + NINE_YEARS), erase_due(now=now + NINE_YEARS)] == [1, 0]
    assert [json.loads(line)["patient"] for line in register.read_text().splitlines()] == [str(closed.pk)]


def test_the_register_is_for_the_machine_alone_and_holds_no_name(closed, now, register):
    erase_due(now=now + NINE_YEARS)
    assert register.stat().st_mode & 0o777 == 0o600
    assert "Ana" not in register.read_text()


def test_without_a_register_nobody_is_erased(closed, now, settings):
    settings.ERASURE_REGISTER = Path("/proc/nowhere/erasures.jsonl")
    with pytest.raises(OSError):
        erase_due(now=now + NINE_YEARS)
    assert Patient.objects.filter(erased_at=None, pk=closed.pk).exists()


def test_each_clinic_has_its_own_years(clinic, closed, now):
    clinic.retention_years = 2
    clinic.save()
    assert erase_due(now=now + timedelta(days=3 * 366)) == 1


def test_a_therapist_who_was_a_patient_still_signs_in(clinic, dana, ana, now):
    ana.user = dana
    ana.save()
    close_account(ana, actor=dana, now=now)
    erase_due(now=now + NINE_YEARS)
    dana.refresh_from_db()
    assert (dana.name, dana.is_active) == ("Dana Reed", True)


def test_who_is_back_from_a_backup_is_erased_again(closed, other_patient, now):
    erase_due(now=now + NINE_YEARS)
    Patient.objects.filter(pk=closed.pk).update(erased_at=None)
    Identity.objects.filter(patient=closed).update(name="Ana Silva")
    assert registered() == {closed.pk}
    assert [erase_again(now=now), erase_again(now=now)] == [1, 0]
    assert list(Identity.objects.order_by("name").values_list("name", flat=True)) == ["Erased", "Other Patient"]


def test_the_request_for_a_trial_is_erased_too(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)
    for episode in trial.patient.episodes.all():
        discharge(episode, summary="", actor=dana, now=now)
    close_account(trial.patient, actor=dana, now=now)
    erase_due(now=now + NINE_YEARS)
    asked = TrialRequest.objects.get(pk=trial.request_id)
    assert (asked.name, asked.phone, asked.birth_date, asked.person_key) == ("Erased", "", None, "")
