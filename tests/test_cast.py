"""The cast itself: what every other test takes for granted."""

from patients.models import Patient


def test_dana_sees_ana_and_nobody_of_the_other_clinic(dana, ana, canary_patient):
    assert list(Patient.objects.visible_to(dana)) == [ana]


def test_olga_sees_only_her_own_patient(olga, ana, canary_patient):
    assert list(Patient.objects.visible_to(olga)) == [canary_patient]


def test_theo_sees_no_patient(theo, ana):
    assert list(Patient.objects.visible_to(theo)) == []


def test_ana_is_signed_in_as_her_user(client_of, ana):
    assert client_of(ana).session["_auth_user_id"] == str(ana.user_id)


def test_the_clinic_is_ready(clinic, other_clinic):
    assert (clinic.is_ready, other_clinic.is_ready) == (True, True)
