"""Loading the library into a clinic."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from clinic.models import AuditEntry
from clinic.refusals import Refused
from programs.entries import BadLibrary
from programs.loading import load_library
from programs.models import (
    Gate,
    Ladder,
    LadderVersion,
    Level,
    LevelVersion,
    Phase,
    PhaseItem,
    ProgramTemplate,
    ProgramVersion,
)
from programs.publishing import draft_from, publish_version
from tests.factories.library import published_library
from tests.factories.programs import a_program

MODELS: tuple[Any, ...] = (
    Gate,
    Ladder,
    Level,
    ProgramTemplate,
    ProgramVersion,
    Phase,
    PhaseItem,
    LadderVersion,
    LevelVersion,
    AuditEntry,
)


def rows() -> dict[str, list[Any]]:
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def test_the_shipped_library_is_whole(clinic, now):
    loaded = load_library(clinic, actor=None, now=now)

    assert (loaded.gates, loaded.ladders, loaded.levels, loaded.templates, loaded.kept) == (8, 14, 52, 8, [])
    assert (Level.objects.count(), ProgramVersion.objects.filter(state="draft").count()) == (52, 8)


def test_a_second_load_changes_nothing(clinic, theo, now):
    load_library(clinic, actor=theo, now=now)
    before = rows()

    loaded = load_library(clinic, actor=theo, now=now)

    assert rows() == before
    assert (loaded.changed, loaded.kept) == (False, [])


def test_a_load_is_noted_once(clinic, theo, now):
    load_library(clinic, actor=theo, now=now)
    load_library(clinic, actor=theo, now=now)

    assert list(AuditEntry.objects.values_list("verb", "actor", "clinic")) == [("load_library", theo.pk, clinic.pk)]


def test_all_eight_templates_can_be_published(clinic, now, django_assert_max_num_queries):
    with django_assert_max_num_queries(200):
        versions = published_library(clinic, now)

    assert len(versions) == 8
    assert not PhaseItem.objects.filter(ladder_version=None).exists()
    assert LadderVersion.objects.count() == 13  # every ladder that a template uses, once: held stretching is in none


def test_kilograms_become_grams_and_inheritance_holds(clinic, now):
    load_library(clinic, actor=None, now=now)
    level = Level.objects.get(code="SDL-2")

    assert (level.load_start, level.load_min_step, level.load_step_pct) == (5000, 1250, [2, 10])
    assert (level.tempo, level.rest_s, level.per_week_low, level.successes) == ("3-0-2", 60, 2, 2)
    assert level.equipment == ["barbell_or_dumbbell"]


def test_a_level_takes_over_only_what_its_own_entry_leaves_open(clinic, now):
    load_library(clinic, actor=None, now=now)
    level = Level.objects.get(code="NGL-2")

    assert (level.successes, level.min_days, level.approval) == (5, 7, "therapist")
    assert level.details["advance"]["check24h"] == "required"


def test_what_a_trainer_changed_stays_and_is_said(clinic, now):
    load_library(clinic, actor=None, now=now)
    Level.objects.filter(code="BRG-1").update(sets=3)
    Gate.objects.filter(code="hinge_3_points").update(text="Three points")
    Phase.objects.filter(version__template__code="BALL_PROGRESSION", position=1).update(day_to=28)

    loaded = load_library(clinic, actor=None, now=now)

    assert loaded.kept == ["gate hinge_3_points", "ladder BRG", "template BALL_PROGRESSION"]
    assert Level.objects.get(code="BRG-1").sets == 3


def test_what_is_missing_comes_back(clinic, now):
    load_library(clinic, actor=None, now=now)
    Ladder.objects.get(code="STA").delete()

    loaded = load_library(clinic, actor=None, now=now)

    assert (loaded.ladders, loaded.levels, loaded.kept) == (1, 1, [])


def test_a_template_with_a_newer_version_is_kept(clinic, theo, now):
    versions = published_library(clinic, now)
    draft = draft_from(versions["BALL_PROGRESSION"], actor=theo, now=now)
    draft.title = "Ball work"
    draft.save()

    assert load_library(clinic, actor=None, now=now).kept == ["template BALL_PROGRESSION"]


@pytest.fixture
def library(clinic, now):
    return published_library(clinic, now)


@pytest.fixture
def older(ana, now):
    """A clinic that loaded the library before a ladder could say that its sides may part; somebody runs on it."""
    for ladder in Ladder.objects.filter(code__in=("SLD", "SLS")):
        ladder.details.pop("independent_sides")
        ladder.save()
    version = ProgramVersion.objects.get(template__code="SQUAT_AND_SINGLE_LEG")
    publish_version(draft_from(version, actor=None, now=now), change_note="As it was.", actor=None, now=now)
    newest = ProgramVersion.objects.filter(template=version.template_id).latest("number")
    return a_program(ana, newest, now=now)


def test_what_the_file_says_since_is_told_by_name(library, older, clinic, now):
    loaded = load_library(clinic, actor=None, now=now)

    assert loaded.differs == {"ladder SLS": ("independent sides",), "ladder SLD": ("independent sides",)}
    assert (loaded.changed, loaded.drafts) == (False, [])


def test_what_is_taken_over_makes_drafts_and_changes_nothing_that_runs(library, older, clinic, now):
    frozen = {name: rows()[name] for name in ("LadderVersion", "LevelVersion")}
    items = list(older.items.values())
    loaded = load_library(clinic, replace=["all"], actor=None, now=now)

    assert [(one.template.code, one.state) for one in loaded.drafts] == [("SQUAT_AND_SINGLE_LEG", "draft")]
    assert {name: rows()[name] for name in frozen} == frozen
    assert list(older.items.values()) == items
    publish_version(loaded.drafts[0], change_note="The sides may part.", actor=None, now=now)
    parts = PhaseItem.objects.filter(phase__version=loaded.drafts[0], ladder__code="SLD")
    assert all(part.ladder_version.sides_may_part for part in parts)


def test_taking_it_over_twice_is_taking_it_over_once(library, older, clinic, now):
    load_library(clinic, replace=["all"], actor=None, now=now)
    before = rows()
    loaded = load_library(clinic, replace=["all"], actor=None, now=now)

    assert rows() == before
    assert (loaded.changed, loaded.drafts, loaded.kept) == (False, [], [])


def test_one_entry_is_taken_over_by_its_name_and_the_other_is_kept(library, older, clinic, capsys, tmp_path):
    call_command("load_library", update=["ladder SLD"], keep=tmp_path)

    assert capsys.readouterr().out.splitlines()[2:] == [
        "riverside: ladder SLD is now as the file has it",
        "riverside: Squat and single-leg control has a draft, version 3: look at it, publish it",
        "riverside: ladder SLS is kept as the clinic has it; the file differs in independent sides",
        'riverside: take one with --update "ladder SLS", or --update all: drafts only',
    ]


def test_what_the_clinic_wrote_itself_is_kept_in_a_file_that_brings_it_back(library, clinic, tmp_path, capsys):
    ladder = Ladder.objects.get(code="BRG")
    ladder.setup = "On the blue mat by the window."
    ladder.save()
    call_command("load_library", update=["all"], keep=tmp_path)
    ladder.refresh_from_db()
    assert ladder.setup != "On the blue mat by the window."

    [kept] = tmp_path.iterdir()
    assert f'{kept} holds what was there before: load_library {kept} --update "ladder BRG"' in capsys.readouterr().out
    call_command("load_library", kept, update=["ladder BRG"], keep=tmp_path / "again")
    ladder.refresh_from_db()
    assert ladder.setup == "On the blue mat by the window."


def test_nothing_is_written_over_without_a_place_to_keep_it(library, older, tmp_path):
    full = tmp_path / "full"
    full.touch()
    before = rows()
    for keep, said in ((None, "say with --keep FOLDER"), (full, "Nothing was loaded")):
        with pytest.raises(CommandError, match=said):
            call_command("load_library", update=["all"], keep=keep)
    assert rows() == before


def test_an_entry_that_is_not_there_is_refused(library, clinic, now):
    with pytest.raises(Refused, match="ladder MOON is no entry of the library"):
        load_library(clinic, replace=["ladder MOON"], actor=None, now=now)


def test_each_clinic_has_its_own_library(clinic, other_clinic, now):
    load_library(clinic, actor=None, now=now)
    load_library(other_clinic, actor=None, now=now)

    assert Ladder.objects.filter(code="BRG").count() == 2
    assert not PhaseItem.objects.exclude(phase__version__template__clinic=F("ladder__clinic")).exists()


def test_a_broken_file_among_good_ones_loads_nothing(clinic, now, tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("gates:\n  seen: {by: therapist, text: Seen}\n")
    bad.write_text("ladders:\n  ABC: {title: Broken}\n")
    before = rows()

    with pytest.raises(BadLibrary):
        load_library(clinic, files=[good, bad], actor=None, now=now)

    assert rows() == before


def test_the_command_loads_every_clinic_and_publishes(clinic, other_clinic, capsys):
    call_command("load_library", publish=True)
    call_command("load_library", publish=True)

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "canary-hill: 8 gates, 14 ladders, 52 levels, 8 templates, 8 published",
        "riverside: 8 gates, 14 ladders, 52 levels, 8 templates, 8 published",
        "canary-hill: 0 gates, 0 ladders, 0 levels, 0 templates, 0 published",
        "riverside: 0 gates, 0 ladders, 0 levels, 0 templates, 0 published",
    ]


def test_the_command_loads_one_clinic_and_says_what_it_kept(clinic, other_clinic, now, capsys):
    load_library(clinic, actor=None, now=now)
    Ladder.objects.filter(code="BRG").update(title="Bridges")

    call_command("load_library", clinic="riverside")

    assert capsys.readouterr().out.splitlines() == [
        "riverside: 0 gates, 0 ladders, 0 levels, 0 templates",
        "riverside: ladder BRG is kept as the clinic has it; the file differs in title",
        'riverside: take one with --update "ladder BRG", or --update all: drafts only',
    ]
    assert not Ladder.objects.filter(clinic=other_clinic).exists()


def test_the_command_refuses_a_broken_file_with_its_reason(clinic, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("laders: {}\n")

    with pytest.raises(CommandError, match=r'bad\.yaml: unknown entry "laders" \(line 1\)\. Nothing was loaded\.'):
        call_command("load_library", str(bad))


def test_the_command_refuses_an_unknown_clinic(clinic):
    with pytest.raises(CommandError, match="No clinic has the address word nowhere"):
        call_command("load_library", clinic="nowhere")
