"""The page of one patient: who may open it, what it leaves behind, and how much it asks of the database."""

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from tests.factories.programs import a_program


@pytest.fixture
def program(ana, library, now):
    return a_program(ana, library["BALL_PROGRESSION"], now=now)


def page(patient):
    return reverse("workspace:patient", args=[patient.pk])


def test_dana_reads_the_patient_page(client_of, dana, ana, program):
    text = client_of(dana).get(page(ana)).content.decode()
    assert "Ana Silva" in text
    assert "Ball progression" in text
    assert "BRG-1" in text


def test_a_patient_without_anything_has_a_page(client_of, dana, ana):
    assert client_of(dana).get(page(ana)).status_code == 200


def test_reading_leaves_a_row(client_of, dana, ana):
    client_of(dana).get(page(ana))
    assert list(AuditEntry.objects.filter(patient_id=ana.pk).values_list("verb", "actor")) == [("read", dana.pk)]


def test_olga_finds_nothing(client_of, olga, ana):
    assert client_of(olga).get(page(ana)).status_code == 404


def test_theo_may_not_look(client_of, theo, ana):
    assert client_of(theo).get(page(ana)).status_code == 403
