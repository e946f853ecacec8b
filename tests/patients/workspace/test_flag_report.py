"""Reports › flags: figures without names."""

import csv

from django.urls import reverse

from patients.models import PainFlag
from tests.factories import people

PAGE, FILE = "workspace:flag_report", "workspace:flag_report_file"


def test_the_page_counts_and_names_nobody(client_of, dana, ana, program, flag_of):
    flag_of(ana)

    text = client_of(dana).get(reverse(PAGE)).content.decode()

    assert "Pain at the stop level" in text
    assert "Ana" not in text.partition('id="main"')[2]


def test_a_clinic_without_flags_says_so(client_of, dana):
    assert "No flags in four weeks" in client_of(dana).get(reverse(PAGE)).content.decode()


def test_the_file_has_a_line_a_severity_and_a_rule(client_of, dana, ana, program, flag_of):
    flag_of(ana)

    lines = list(csv.DictReader(client_of(dana).get(reverse(FILE)).content.decode().splitlines()))

    said = [(line["what"], line["opened"], line["percent_opened_again"]) for line in lines if line["opened"] != "0"]
    assert said == [("Soon", "1", "0"), ("pain at the stop level", "1", "0")]


def test_another_clinics_flags_are_not_counted(client_of, olga, ana, program, flag_of):
    flag_of(ana)

    assert "No flags in four weeks" in client_of(olga).get(reverse(PAGE)).content.decode()


def test_three_flags_cost_what_one_costs(client_of, dana, clinic, now, queries_of):
    counts = []
    for names in (["Bo"], ["Cy", "Di"]):
        for name in names:
            patient = people.make_patient(clinic, name, owner=dana)
            PainFlag.objects.create(
                clinic=clinic, patient=patient, severity=4, code="FL-NOLOG10", opened_at=now, last_event_at=now
            )
        counts.append(queries_of(client_of(dana), reverse(PAGE)))
    assert counts[0] == counts[1] <= 2
