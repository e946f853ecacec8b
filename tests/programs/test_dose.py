"""Doses in words."""

import pytest
from django.template import Context, Template

from programs.dose import as_json, dose_of
from programs.models import Ladder, LevelVersion
from programs.publishing import copy_of
from programs.rules import Dose
from programs.templatetags.dose import dose_line, frequency_words, load_words, tempo_words
from tests.factories.library import loaded_library


@pytest.fixture
def level(clinic, now):
    loaded_library(clinic, now)

    def frozen(code: str) -> LevelVersion:
        ladder = Ladder.objects.get(code=code.split("-")[0])
        levels = copy_of(ladder, list(ladder.levels.order_by("position")))[1]
        return next(level for level in levels if level.code == code)

    return frozen


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("BRG-1", "2 × 8–15"),
        ("BRG-6", "2 × 6–12, each side"),
        ("CRL-4", "1 × 30"),
        ("HRS-2", "3 × 5–15, until tired, hold 3 s"),
        ("HRS-4", "3 × 5–15, until tired, side by side in turn"),
        ("NGL-1", "1–2 × 15–20, on the side being treated"),
        ("STA-1", "2 × 20–30 s, each side"),
    ],
)
def test_a_level_in_a_line(level, code, words):
    assert dose_line(level(code)) == words


def test_a_stored_dose_takes_hold_and_sides_from_its_level(level):
    dose = as_json(dose_of(level("HRS-5"))) | {"sets": 2, "rom_pct": 75}

    assert dose_line(dose, level("HRS-5")) == "2 × 5–12, until tired, hold 3 s, each side, 75 % of the range"
    assert dose_line(dose) == "2 × 5–12, 75 % of the range"


@pytest.mark.parametrize(
    ("tempo", "words"),
    [("3-1-2", "down 3 s, pause 1 s, up 2 s"), ("2-0-2", "down 2 s, up 2 s"), ("0-0-0", ""), ("", "")],
)
def test_tempo_in_words(tempo, words):
    assert tempo_words(tempo) == words


@pytest.mark.parametrize(
    ("grams", "words"), [(5000, "5 kg"), (1250, "1.25 kg"), (22500, "22.5 kg"), (100_000, "100 kg"), (None, "")]
)
def test_weight_in_words(grams, words):
    assert load_words(Dose(reps_low=8, reps_high=12, load_grams=grams)) == words


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (0, "band: lightest (purple)"),
        (1, "band: second lightest (red)"),
        (2, "band: third lightest"),
        (7, "band: number 8 from the lightest"),
    ],
)
def test_band_in_words_with_the_colours_of_the_clinic(clinic, step, words):
    clinic.band_colours = ["purple", "red"]

    assert load_words(Dose(band_step=step), clinic) == words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("BHE-1", "2 to 4 times a day, 5 to 7 days a week"),
        ("BRG-1", "once a day, 3 days a week"),
        ("NGL-1", "once a day, every day"),
        ("NGL-2", "3 to 5 times a day, every day"),
    ],
)
def test_frequency_in_words(level, code, words):
    assert frequency_words(level(code)) == words


def test_fewer_bouts_are_said_with_the_days_of_the_level(level):
    dose = as_json(dose_of(level("BHE-1"))) | {"per_day_low": 2, "per_day_high": 2}

    assert frequency_words(dose, level("BHE-1")) == "2 times a day, 5 to 7 days a week"


def test_the_filters_work_in_a_template(level):
    template = Template("{% load dose %}{{ dose|dose_line:level }} · {{ level|frequency_words }}")
    context = Context({"level": level("SDL-1"), "dose": dose_of(level("SDL-1"))})

    assert template.render(context) == "2 × 8–12 · once a day, 3 days a week"
