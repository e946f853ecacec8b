"""Levels as a table: out to a spreadsheet and back."""

import csv
import io

import pytest

from programs.entries import BadLibrary
from programs.level_sheet import bring_in, compare, read, sheet_text
from programs.loading import Fate
from programs.models import Level
from tests.factories.library import loaded_library


@pytest.fixture
def library(clinic, now):
    loaded_library(clinic, now)


def changed(text: str, line_of: str, **cells: str) -> str:
    """The table with other cells in the line of one level."""
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    table = csv.DictWriter(out, rows[0], lineterminator="\n")
    table.writeheader()
    table.writerows(row | cells if row["level"] == line_of else row for row in rows)
    return out.getvalue()


def test_a_table_comes_back_as_it_went_out(clinic, library):
    compared = compare(clinic, read(sheet_text(clinic), name="levels.csv"))

    assert (len(compared), {one.fate for one in compared}) == (52, {Fate.SAME})


@pytest.mark.parametrize("name", ["=1+1", "+44", "-2", "@cmd", "'quoted", "'=x", "Say “hi”, twice;\tand go", "a'b"])
def test_a_name_that_looks_like_a_formula_is_defused_and_comes_back(clinic, library, name):
    Level.objects.filter(code="BRG-1").update(name=name)

    text = sheet_text(clinic)

    [row] = [row for row in csv.DictReader(io.StringIO(text)) if row["level"] == "BRG-1"]
    assert row["name"][0] not in "=+-@\t\r"
    assert {one.fate for one in compare(clinic, read(text, name="levels.csv"))} == {Fate.SAME}


def test_a_changed_line_changes_its_level_only(clinic, library, theo, now):
    text = changed(sheet_text(clinic), "SDL-2", sets="4", load_from="7,5", tempo_down_s="5")
    sheet = read(text.replace("\n", "\r\n"), name="levels.csv")

    [one] = [one for one in compare(clinic, sheet) if one.fate is Fate.CHANGED]
    assert (one.key, one.what) == (
        "level SDL-2",
        ("tempo: 3-0-2 → 5-0-2", "sets: 2 → 4", "starting load: grams, or band step: 5000 → 7500"),
    )

    bring_in(clinic, sheet, replace=[one.key], actor=theo, now=now)
    level = Level.objects.get(code="SDL-2")
    assert (level.sets, level.load_start, level.tempo) == (4, 7500, "5-0-2")


def test_what_is_not_ticked_stays(clinic, library, theo, now):
    sheet = read(changed(sheet_text(clinic), "SDL-2", sets="4"), name="levels.csv")

    loaded = bring_in(clinic, sheet, actor=theo, now=now)

    assert (loaded.kept, Level.objects.get(code="SDL-2").sets) == (["level SDL-2"], 2)


def test_a_spreadsheet_may_write_semicolons(clinic, library):
    rows = csv.reader(io.StringIO(sheet_text(clinic)))
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)

    assert {one.fate for one in compare(clinic, read(out.getvalue(), name="levels.csv"))} == {Fate.SAME}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"sets": "many"}, "levels.csv, BRG-1: sets: “many” is not a whole number (line 8)."),
        ({"sets": ""}, "levels.csv, BRG-1: sets: is needed (line 8)."),
        ({"sets": "21"}, "levels.csv, BRG-1: sets: 21: goes from 1 to 20 (line 8)."),
        ({"sides": "left"}, "levels.csv, BRG-1: sides: “left” is none of both, each, alternating, affected (line 8)."),
        ({"reps_from": "20"}, "levels.csv, BRG-1: reps_high: 20 to 15: ends below its start (line 8)."),
        ({"load": "kg", "load_from": "heavy"}, "levels.csv, BRG-1: load_from: “heavy” is not a weight in kg (line 8)."),
        ({"name": ""}, "levels.csv, BRG-1: name: 1 to 120 characters (line 8)."),
        ({"level": "BRG-2"}, "levels.csv: BRG-2 stands twice (line 9)."),
        ({"level": "BRG-9"}, "levels.csv: there is no level BRG-9: add it to its ladder first (line 8)."),
    ],
)
def test_a_slip_is_refused_with_its_line(clinic, library, cells, said):
    text = changed(sheet_text(clinic), "BRG-1", **cells)

    with pytest.raises(BadLibrary) as refusal:
        compare(clinic, read(text, name="levels.csv"))
    assert str(refusal.value) == f"{said} Nothing was loaded."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column “ladder” is missing (line 1)"),
        ("ladder,level\nBRG,BRG-1\n", "column “name” is missing (line 1)"),
    ],
)
def test_another_table_is_refused(text, said):
    with pytest.raises(BadLibrary, match=r"levels\.csv") as refusal:
        read(text, name="levels.csv")
    assert said in str(refusal.value)


def test_a_line_with_a_cell_too_many_is_refused(clinic, library):
    text = sheet_text(clinic).replace("\nBRG,BRG-1,", "\nBRG,BRG-1,oops,", 1)

    with pytest.raises(BadLibrary, match=r"more or fewer cells than the first line \(line 8\)"):
        read(text, name="levels.csv")
