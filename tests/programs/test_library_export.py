"""Export and import: what goes out comes in again, byte for byte, whatever a trainer has written."""

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Clinic
from programs.library_export import library_text
from programs.library_file import read_text
from programs.loading import bring_in, load_library
from programs.models import Gate, Ladder, Level, ProgramTemplate, ProgramVersion
from programs.publishing import draft_from
from tests.factories.library import published_library


@pytest.fixture
def empty(other_clinic) -> Clinic:
    return other_clinic


def round_trip(clinic: Clinic, empty: Clinic, now) -> tuple[str, str]:
    """What `clinic` gives out, and what an empty clinic gives out that took it in."""
    out = library_text(clinic)
    bring_in(empty, read_text(out, name="out.yaml"), actor=None, now=now)
    return out, library_text(empty)


def test_the_shipped_library_comes_back_byte_for_byte(clinic, empty, now):
    load_library(clinic, actor=None, now=now)

    out, again = round_trip(clinic, empty, now)

    assert again == out
    assert (Ladder.objects.of(empty).count(), Level.objects.of(empty).count()) == (14, 52)


SMALL = """
gates:
  seen: {by: therapist, text: Seen by a therapist}
ladders:
  BRG:
    title: Bridge
    kind: strength
    stop: [red_flag]
    mistakes_from: {BRG-2: [late]}
    levels:
      - {id: BRG-1, name: short, sets: 2, reps: [6, 10]}
      - {id: BRG-2, name: long, mode: time, requires_gates: [seen], seconds: [8, 12], advance: {distinct_days: true}}
      - {id: BRG-3, name: up, reps: [8, 12], drawing: brg, picture_text: Up, load: {unit: band_step, start: 0}}
  STA: {title: Hold, kind: static_stretch, levels: [{id: STA-1, name: hold, sets: 1, reps: [1, 1]}]}
  HNG: {title: Hinge, kind: motor_control, levels: [{id: HNG-1, name: hinge, sets: 1, reps: [8, 8]}]}
templates:
  BALL:
    title: Ball
    entry: {screen: {SLUMP: unchanged}, gates: [seen]}
    paths: {muscle: {when: {equipment: [exercise_ball]}, auto_advance: therapist}}
    phases:
      - name: one
        path: muscle
        days: [1, 14]
        items: [{ladder: BRG, start: BRG-1}, {ladder: STA, start: STA-1, cap: STA-1, from_day: 3}]
        exit: {all: [{gate: seen}, {green_days: 3}], any: [{measure: PSFS, change: 2}]}
"""
words = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\r\n\t"), min_size=1, max_size=30)
texts = words.map(str.strip).filter(bool)
lists = st.lists(texts, max_size=4)
codes = st.sampled_from(["red_flag", "no", "on", "1", "null", "~", "- a", "a: b", "# c", "exercise_ball"])
edits = st.fixed_dictionaries(
    {
        "ladder": st.fixed_dictionaries(
            {
                "title": texts,
                "setup": st.just("") | texts,
                "how": lists,
                "cues": lists,
                "contraindications": st.lists(codes, max_size=3),
                "equipment": st.fixed_dictionaries(
                    {}, optional={"all": st.lists(codes, max_size=2), "alternatives": st.dictionaries(codes, lists)}
                ),
                "blocks": st.lists(st.sampled_from(["STA", "HNG"]), unique=True),
                "sources": st.lists(codes, max_size=2),
            }
        ),
        "level": st.fixed_dictionaries(
            {
                "name": texts,
                "sets": st.integers(1, 20),
                "reps_low": st.integers(1, 20),
                "reps_high": st.integers(20, 300),
                "rest_s": st.integers(0, 1800),
                "min_days": st.integers(0, 365),
                "load_unit": st.just("kg"),
                "load_start": st.integers(1, 300_000),
                "load_min_step": st.none() | st.integers(1, 300_000),
                "load_step_pct": st.sampled_from([[], [2, 10]]),
                "seed": lists,
            }
        ),
        "version": st.fixed_dictionaries(
            {"title": texts, "for_whom": st.just("") | texts, "education": lists, "max_active_items": st.integers(1, 6)}
        ),
        "gate": st.fixed_dictionaries(
            {"text": texts, "values": lists, "source": st.just("") | codes, "overridable": st.booleans()}
        ),
        "swapped": st.booleans(),
        "retired": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edit=edits)
def test_whatever_a_trainer_wrote_comes_back_byte_for_byte(clinic, empty, now, edit):
    with transaction.atomic():
        bring_in(clinic, read_text(SMALL, name="small.yaml"), actor=None, now=now)
        Ladder.objects.filter(code="BRG").update(**edit["ladder"], retired_at=now if edit["retired"] else None)
        if edit["swapped"]:
            Level.objects.filter(code="BRG-2").update(position=3)
            Level.objects.filter(code="BRG-3").update(position=2)
        Level.objects.filter(code="BRG-3").update(**edit["level"])
        ProgramVersion.objects.update(**edit["version"])
        Gate.objects.update(**edit["gate"])

        out, again = round_trip(clinic, empty, now)

        transaction.set_rollback(True)
    assert again == out


def test_a_published_version_goes_out_before_the_draft_beside_it(clinic, empty, theo, now):
    version = published_library(clinic, now)["BALL_PROGRESSION"]
    draft = draft_from(version, actor=theo, now=now)
    draft.title = "Half done"
    draft.save()

    out, again = round_trip(clinic, empty, now)

    assert again == out
    assert "Half done" not in out


def test_what_comes_in_is_a_draft(clinic, empty, now):
    published_library(clinic, now)

    round_trip(clinic, empty, now)

    assert set(ProgramVersion.objects.of(empty).values_list("state", flat=True)) == {"draft"}


def test_a_template_without_an_exercise_is_left_out(clinic, empty, theo, now):
    template = ProgramTemplate.objects.create(clinic=clinic, code="EMPTY", title="Empty")
    draft_from(template, actor=theo, now=now).phases.create(position=1, name="one", day_from=1, day_to=7)

    assert yaml.safe_load(library_text(clinic))["templates"] == {}


def test_nothing_of_another_clinic_goes_out(clinic, other_clinic, now):
    load_library(clinic, actor=None, now=now)
    Gate.objects.create(clinic=other_clinic, code="canary", text="Canary", recorded_by="therapist")
    Ladder.objects.filter(clinic=other_clinic).update(title="Canary")

    assert "anary" not in library_text(clinic)


def test_an_export_takes_the_same_queries_for_one_ladder_and_for_many(clinic, now, django_assert_num_queries):
    with django_assert_num_queries(4):
        library_text(clinic)
    load_library(clinic, actor=None, now=now)
    with django_assert_num_queries(7):
        library_text(clinic)


def test_the_command_writes_the_file(clinic, now, tmp_path, capsys):
    load_library(clinic, actor=None, now=now)

    call_command("export_library", clinic=clinic.slug)

    assert capsys.readouterr().out == library_text(clinic)


def test_the_command_names_a_clinic_that_is_not_there(db):
    with pytest.raises(CommandError, match="No clinic has the address word moon"):
        call_command("export_library", clinic="moon")
