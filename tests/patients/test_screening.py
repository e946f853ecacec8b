"""The screening table of handbook 4.2: each row, and that an earlier one always speaks before a later one."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from patients.models.intake import Screening
from patients.screening import Applicant, age_on, in_area, screen

# One applicant a row, in the order of the handbook: each answers this row's question and none before it.
ROWS: list[tuple[Screening, dict[str, Any]]] = [
    (Screening.REFERRED_OUT, {"severity": 1, "red_flags": ("saddle_numbness",)}),
    (Screening.NEEDS_CLINICIAN, {"severity": 2, "red_flags": ("fever_unwell",)}),
    (Screening.GUARDIAN_REQUIRED, {"age": 17}),
    (Screening.DUPLICATE, {"had_trial": True}),
    (Screening.EXISTING_PATIENT, {"is_patient": True}),
    (Screening.OUT_OF_AREA, {"in_area": False}),
    (Screening.NEEDS_BILLING_REVIEW, {"history": frozenset({"federal_payer"})}),
    (Screening.NEEDS_CLINICIAN, {"pain_rest": 8}),
    (Screening.ELIGIBLE, {"leg_tingling": True}),
]
GROWN_UP = Applicant(age=40)


@pytest.mark.parametrize(("result", "answers"), ROWS)
def test_each_row_speaks_for_its_own_answer(result, answers):
    assert screen(replace(GROWN_UP, **answers))[0] == result


@pytest.mark.parametrize("place", range(len(ROWS) - 1))
def test_an_earlier_row_speaks_before_all_later_ones(place):
    everything = {key: value for _result, answers in reversed(ROWS[place:]) for key, value in answers.items()}
    assert screen(replace(GROWN_UP, **everything)) == screen(replace(GROWN_UP, **ROWS[place][1]))


def test_who_answers_nothing_special_is_eligible():
    assert screen(GROWN_UP) == (Screening.ELIGIBLE, ["Nothing in the answers speaks against a trial."])


@pytest.mark.parametrize(
    "code", ["surgery_12_weeks", "pregnant", "blood_thinners", "cancer_history", "chest_on_effort"]
)
def test_each_item_of_the_history_needs_a_clinician(code):
    assert screen(replace(GROWN_UP, history=frozenset({code})))[0] == Screening.NEEDS_CLINICIAN


def test_every_reason_is_named():
    one = replace(GROWN_UP, history=frozenset({"pregnant", "blood_thinners"}), pain_rest=9)
    assert len(screen(one)[1]) == 3


def test_a_severity_three_sign_needs_a_clinician_without_alarm():
    one = replace(GROWN_UP, severity=3, red_flags=("weight_loss",))
    assert screen(one) == (Screening.NEEDS_CLINICIAN, ["Warning sign: Losing weight without trying."])


@pytest.mark.parametrize(("pain", "result"), [(7, Screening.ELIGIBLE), (8, Screening.NEEDS_CLINICIAN)])
def test_pain_at_rest_counts_from_eight(pain, result):
    assert screen(replace(GROWN_UP, pain_rest=pain))[0] == result


def test_a_positive_slump_asks_for_the_audit_first():
    result, reasons = screen(replace(GROWN_UP, slump="eases_looking_up"))
    assert result == Screening.ELIGIBLE
    assert "audit first" in reasons[0]


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(2008, 3, 2), date(2026, 3, 1), 17),
        (date(2008, 3, 2), date(2026, 3, 2), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_changes_on_the_birthday(born, today, years):
    assert age_on(born, today) == years


@pytest.mark.parametrize(
    ("postcode", "areas", "inside"),
    [
        ("M1 4BT", [], True),
        ("m14bt", ["M1"], True),
        ("M14 5XX", ["M1"], False),
        ("M14 5XX", ["M"], True),
        ("MK1 1AA", ["M"], False),
        ("SW1A 1AA", ["SW1"], True),
        ("SW12 1AA", ["SW1"], False),
        ("80203", ["802"], True),
        ("90203", ["802", "803"], False),
    ],
)
def test_the_area_is_the_beginning_of_a_postcode(postcode, areas, inside):
    assert in_area(postcode, areas) is inside
