"""A licensed therapist decides about a request."""

from datetime import timedelta

import pytest

from clinic.refusals import Refused
from patients import admissions, intake, trials
from patients.models import Consent, Episode, Trial, TrialEvent
from tests.factories.trials import a_request, a_trial, ask


def kinds(request):
    return list(TrialEvent.objects.filter(request=request).order_by("pk").values_list("kind", flat=True))


def test_accepting_makes_a_patient_with_consents_and_an_episode(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)

    patient = trial.patient
    assert (patient.identity.name, patient.owner, patient.user.email) == ("Ana Silva", dana, "ana@people.example")
    assert Episode.objects.get() == trial.episode
    assert (trial.episode.side, trial.episode.usual_pain, trial.episode.leg_tingling) == ("left", 2, False)
    assert kinds(trial.request) == ["submit", "confirm", "accept"]


def test_consents_count_from_the_moment_they_were_given(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)

    consent = Consent.objects.get(patient=trial.patient, kind="trial_terms")
    words = "The trial costs nothing, needs no card, and ends by itself after two weeks."
    assert (consent.given_at, consent.text.text, consent.source) == (now, words, "trial form")
    assert consent.given_by == trial.patient.user


def test_only_a_licensed_therapist_accepts(clinic, ravi, owner, olga, now):
    asked = a_request(clinic, now=now)
    for person in (ravi, owner, olga):
        with pytest.raises(intake.NotAllowed):
            admissions.accept_request(asked, actor=person, now=now)


def test_an_unconfirmed_request_cannot_be_accepted(clinic, dana, now):
    with pytest.raises(intake.Moved):
        admissions.accept_request(ask(clinic, now=now).request, actor=dana, now=now)


def test_more_than_eligible_needs_a_reason(clinic, dana, now):
    asked = a_request(clinic, now=now, pain_now=9)
    with pytest.raises(Refused) as refused:
        admissions.accept_request(asked, actor=dana, now=now)
    assert set(refused.value.errors) == {"reason"}

    assert admissions.accept_request(asked, reason="Seen today, settled.", actor=dana, now=now).state == "accepted"


def test_a_patient_of_the_clinic_gets_no_trial(clinic, dana, now):
    a_trial(clinic, dana, now=now, email="ana@people.example")
    Trial.objects.all().delete()
    asked = a_request(clinic, now=now, phone="")

    with pytest.raises(Refused, match="patient of the clinic now"):
        admissions.accept_request(asked, reason="Why not", actor=dana, now=now)


def test_a_second_trial_for_one_person_is_an_exception_with_a_reason(clinic, dana, now):
    first = a_trial(clinic, dana, now=now)
    trials.end_trial(first, outcome="withdrawn", reason="other", actor=dana, now=now)
    later = now + timedelta(days=200)
    asked = a_request(clinic, now=later, email="ANA+again@people.example", phone="")
    assert asked.screening == "duplicate"

    again = admissions.accept_request(asked, reason="Was ill in the first week.", actor=dana, now=later)

    assert (again.request.overridden, Trial.objects.count()) == (True, 2)


def test_phone_and_birth_date_give_a_second_address_away(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)
    trials.end_trial(trial, outcome="withdrawn", reason="other", actor=dana, now=now)

    asked = ask(clinic, now=now, email="other@people.example", phone="+44 20 7946 0200")
    assert asked.screening == "duplicate"


def test_another_clinic_does_not_know_the_person(clinic, other_clinic, dana, now):
    a_trial(clinic, dana, now=now)
    assert ask(other_clinic, now=now).screening == "eligible"


def test_two_requests_of_one_person_give_one_trial(clinic, dana, colleague, now):
    one, two = a_request(clinic, now=now), a_request(clinic, now=now)
    admissions.accept_request(one, actor=dana, now=now)
    with pytest.raises(Refused):
        admissions.accept_request(two, actor=colleague, now=now)
    assert Trial.objects.count() == 1


def test_declining_needs_a_reason_and_closes_the_request(clinic, dana, now):
    asked = a_request(clinic, now=now)
    with pytest.raises(Refused):
        admissions.decline_request(asked, reason=" ", actor=dana, now=now)

    assert admissions.decline_request(asked, reason="Told by phone.", actor=dana, now=now).state == "declined"
    with pytest.raises(intake.Moved):
        admissions.accept_request(asked, actor=dana, now=now)


def test_an_emergency_is_closed_by_a_licensed_person_only(clinic, dana, ravi, now):
    asked = ask(clinic, now=now, red_flags=["chest_pain"]).request
    with pytest.raises(intake.NotAllowed):
        admissions.decline_request(asked, reason="Called.", actor=ravi, now=now)
    assert admissions.decline_request(asked, reason="Called: is in hospital.", actor=dana, now=now).state == "declined"
