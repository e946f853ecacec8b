"""A stranger asks for a free trial."""

from datetime import date, timedelta

import pytest

from clinic.refusals import Refused
from patients import intake
from patients.models import Patient, TrialRequest
from tests.factories.trials import ask

# Asking


def test_a_request_waits_for_its_mail_to_be_confirmed(clinic, now):
    asked = ask(clinic, now=now)

    assert (asked.request.state, asked.screening, asked.safety) == ("submitted", "eligible", None)
    assert not Patient.objects.exists()


def test_a_request_names_every_field_that_is_missing(clinic, now):
    with pytest.raises(Refused) as refused:
        ask(clinic, now=now, name=" ", email="ana", postcode="", complaint="", birth_date=None, consents=[])

    assert set(refused.value.errors) == {
        "name", "email", "postcode", "complaint", "birth_date", "consent_trial_terms", "consent_treatment",
        "consent_health_data", "consent_privacy", "consent_email",
    }  # fmt: skip
    assert not TrialRequest.objects.exists()


def test_consents_are_kept_with_the_version_that_was_shown(clinic, now):
    request = ask(clinic, now=now).request

    assert {(one["kind"], one["version"]) for one in request.consents} == {
        (kind, "1") for kind in ("email", "health_data", "privacy", "treatment", "trial_terms")
    }


def test_a_seventeen_year_old_needs_a_guardian(clinic, now):
    assert ask(clinic, now=now, birth_date=date(2009, 3, 2)).screening == "guardian_required"


def test_the_postcode_must_lie_in_the_service_area(clinic, now):
    clinic.service_area = ["M1", "M2"]
    assert ask(clinic, now=now, postcode="E1 6AN").screening == "out_of_area"


# Warning signs


def test_an_emergency_sign_is_answered_at_once_and_gives_no_trial(clinic, now):
    asked = ask(clinic, now=now, red_flags=["saddle_numbness"])

    assert (asked.safety.kind, asked.safety.severity, asked.safety.call) == ("emergency", 1, "999")
    assert asked.request.screening == "referred_out"


def test_an_urgent_sign_sends_to_a_doctor_today(clinic, now):
    asked = ask(clinic, now=now, red_flags=["fever_unwell"])

    assert (asked.safety.severity, asked.screening) == (2, "needs_clinician")
    assert "today" in asked.safety.urgent


def test_a_sign_of_severity_three_alarms_nobody(clinic, now):
    asked = ask(clinic, now=now, red_flags=["weight_loss"])

    assert (asked.safety, asked.screening) == (None, "needs_clinician")


def test_a_warning_sign_beats_missing_fields(clinic, now):
    asked = ask(clinic, now=now, red_flags=["bladder_change"], name="", email="", consents=[], birth_date=None)

    assert asked.safety.severity == 1
    assert asked.request.phone == "020 7946 0200"


def test_a_warning_sign_without_any_contact_is_answered_and_not_kept(clinic, now):
    asked = ask(clinic, now=now, red_flags=["bladder_change"], email="nonsense", phone="")

    assert (asked.safety.severity, asked.request) == (1, None)


def test_a_warning_sign_beats_the_trap_for_machines(clinic, now):
    asked = ask(clinic, now=now, red_flags=["chest_pain"], doubt="honeypot")

    assert asked.safety.severity == 1
    assert asked.request.answers["doubt"] == "honeypot"


def test_a_warning_sign_beats_every_limit(clinic, now):
    asked = [
        ask(clinic, now=now, visitor="192.0.2.1", email=f"p{n}@people.example", red_flags=["chest_pain"])
        for n in range(25)
    ]

    assert {one.safety.severity for one in asked} == {1}
    assert sum(one.request is not None for one in asked) == 20


def test_a_warning_sent_again_with_more_filled_in_is_one_request(clinic, now):
    ask(clinic, now=now, red_flags=["fever_unwell"], consents=[])
    ask(clinic, now=now + timedelta(minutes=2), red_flags=["fever_unwell"])

    assert len(TrialRequest.objects.get().consents) == 5


# Machines and limits


def test_a_machine_is_told_the_same_and_nothing_is_kept(clinic, now):
    assert ask(clinic, now=now, doubt="honeypot") == intake.Requested(None, None, None)
    assert not TrialRequest.objects.exists()


def test_the_sixth_request_from_one_place_in_an_hour_is_too_many(clinic, now):
    for number in range(5):
        ask(clinic, now=now, visitor="192.0.2.1", email=f"p{number}@people.example")
    with pytest.raises(intake.TooMany):
        ask(clinic, now=now, visitor="192.0.2.1", email="another@people.example")


def test_the_fourth_request_for_one_address_in_a_day_is_dropped_in_silence(clinic, now):
    spellings = ["ana@gmail.com", "A.n.a@gmail.com", "ana+trial@googlemail.com", "ana@gmail.com"]
    asked = [ask(clinic, now=now, visitor=f"192.0.2.{n}", email=email) for n, email in enumerate(spellings)]

    assert [one.request is None for one in asked] == [False, False, False, True]
