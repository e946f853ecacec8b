"""Loading the library into a clinic."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from clinic.models import AuditEntry
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
from programs.publishing import draft_from
from tests.factories.library import published_library

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
        "riverside: ladder BRG is kept as the clinic has it",
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
