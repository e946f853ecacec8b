"""Publishing freezes: what patients exercise by does not change under them."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db.models import ProtectedError

from clinic.models import AuditEntry
from programs.lint import lint
from programs.models import (
    Ladder,
    LadderVersion,
    Level,
    LevelVersion,
    Phase,
    PhaseItem,
    ProgramTemplate,
    ProgramVersion,
)
from programs.models.frozen import Frozen
from programs.publishing import (
    BrokenDraft,
    DraftExists,
    NeedsChangeNote,
    NotADraft,
    NotPublished,
    draft_from,
    freeze_ladder,
    publish_version,
    retire,
)
from tests.factories.library import loaded_library, published_library


@pytest.fixture
def library(clinic, now):
    loaded_library(clinic, now)


@pytest.fixture
def book(clinic, now):
    return published_library(clinic, now)


@pytest.fixture
def ball(library) -> ProgramVersion:
    return ProgramVersion.objects.get(template__code="BALL_PROGRESSION")


@pytest.fixture
def nerve(library) -> ProgramVersion:
    return ProgramVersion.objects.get(template__code="NERVE_FIRST_HINGE")


def ladder_of(code: str) -> Ladder:
    return Ladder.objects.get(code=code)


def content_of(version: LadderVersion, code: str) -> dict:
    return LevelVersion.objects.get(ladder_version=version, code=code).content


# Ladders


def test_a_level_keeps_every_field_under_its_own_name(library, now):
    content = content_of(freeze_ladder(ladder_of("SDL"), now=now), "SDL-3")

    own = {field.name for field in Level._meta.concrete_fields} - {"id", "ladder", "code", "position", "name"}
    assert set(content) == own | {"lighter", "contraindications", "mistakes"}
    assert (content["sets"], content["reps_high"], content["load_start"], content["method"]) == (
        3,
        12,
        5000,
        "double_progression",
    )


def test_what_holds_from_a_level_on_is_worked_out_when_it_is_frozen(library, now):
    squat = freeze_ladder(ladder_of("SQT"), now=now)
    hinge = freeze_ladder(ladder_of("HNG"), now=now)

    late = "loading before 30 clean reps"
    assert [late in content_of(squat, code)["mistakes"] for code in ("SQT-3", "SQT-4", "SQT-5")] == [False, True, True]
    kneel = [
        code for code in ("HNG-1", "HNG-2", "HNG-3") if "cannot_kneel" in content_of(hinge, code)["contraindications"]
    ]
    assert kneel == ["HNG-1", "HNG-2"]
    assert content_of(squat, "SQT-5")["equipment"] == ["bench", "barbell_or_dumbbell"]
    assert content_of(squat, "SQT-1")["lighter"] == ["shorten_rom", "less_load_10pct", "minus_one_set"]


def test_the_same_content_is_frozen_once(library, now):
    first = freeze_ladder(ladder_of("BRG"), now=now)

    assert freeze_ladder(ladder_of("BRG"), now=now) == first
    assert first.levels.count() == 7


def test_a_changed_level_makes_the_next_number_and_a_change_back_uses_the_first(library, now):
    first = freeze_ladder(ladder_of("BRG"), now=now)
    Level.objects.filter(code="BRG-1").update(sets=3)
    second = freeze_ladder(ladder_of("BRG"), now=now)
    Level.objects.filter(code="BRG-1").update(sets=2)

    assert (first.number, second.number) == (1, 2)
    assert freeze_ladder(ladder_of("BRG"), now=now) == first


def test_moved_levels_are_frozen_in_their_new_order(library, now):
    Level.objects.filter(code="DYN-1").update(position=9)

    frozen = freeze_ladder(ladder_of("DYN"), now=now)

    assert list(frozen.levels.order_by("position").values_list("code", "position")) == [("DYN-2", 1), ("DYN-1", 2)]


# Versions


def bridge_of(version: ProgramVersion) -> LadderVersion:
    return LadderVersion.objects.get(
        code="BRG", pk__in=version.phases.filter(position=1).values("items__ladder_version")
    )


def test_publishing_gives_every_exercise_its_frozen_ladder(ball, theo, now):
    published = publish_version(ball, change_note=" First. ", actor=theo, now=now)

    assert (published.state, published.change_note, published.published_at, published.published_by) == (
        "published",
        "First.",
        now,
        theo,
    )
    items = PhaseItem.objects.filter(phase__version=ball).select_related("ladder", "ladder_version")
    assert [item.ladder_version and item.ladder_version.code for item in items] == [item.ladder.code for item in items]


def test_editing_a_ladder_leaves_published_versions_alone(ball, theo, now):
    publish_version(ball, change_note="First.", actor=theo, now=now)
    before = list(LevelVersion.objects.order_by("pk").values())
    Level.objects.update(reps_high=99, name="other")
    Ladder.objects.update(cues=["other"])

    draft = draft_from(ball, actor=theo, now=now)
    publish_version(draft, change_note="Second.", actor=theo, now=now)

    first_ids = [row["id"] for row in before]
    assert list(LevelVersion.objects.filter(pk__in=first_ids).order_by("pk").values()) == before
    old, new = (bridge_of(version) for version in (ball, draft))
    assert [content_of(copy, "BRG-1")["reps_high"] for copy in (old, new)] == [15, 99]


def test_every_write_is_noted(ball, theo, now):
    publish_version(ball, change_note="First.", actor=theo, now=now)
    draft_from(ball, actor=theo, now=now)
    retire(ball, actor=theo, now=now)

    notes = AuditEntry.objects.filter(actor=theo).order_by("pk").values_list("verb", flat=True)
    assert list(notes) == ["publish_version", "draft_version", "retire_version"]


@pytest.mark.parametrize("note", ["", "   ", "\n"])
def test_publishing_without_a_note_is_refused(ball, theo, now, note):
    with pytest.raises(NeedsChangeNote) as refusal:
        publish_version(ball, change_note=note, actor=theo, now=now)

    assert list(refusal.value.errors) == ["change_note"]
    ball.refresh_from_db()
    assert ball.state == "draft"


def test_publishing_twice_is_refused(ball, theo, now):
    publish_version(ball, change_note="First.", actor=theo, now=now)

    with pytest.raises(NotADraft):
        publish_version(ball, change_note="Again.", actor=theo, now=now)


def test_a_new_draft_is_a_whole_copy_with_the_next_number(book, theo, now):
    original = book["TRIAL_STARTER_14D"]

    draft = draft_from(original.template, actor=theo, now=now)

    assert (draft.number, draft.state, draft.change_note, draft.published_at) == (2, "draft", "", None)
    assert (draft.paths, draft.pain_policy, draft.entry) == (original.paths, "strict", original.entry)
    copied, own = (
        list(Phase.objects.filter(version=one).order_by("position").values_list("name", "path", "exit"))
        for one in (draft, original)
    )
    assert copied == own
    items = PhaseItem.objects.filter(phase__version=draft)
    assert items.count() == 4
    assert set(items.values_list("ladder_version", flat=True)) == {None}


def test_one_draft_at_a_time(book, theo, now):
    draft_from(book["BALL_PROGRESSION"], actor=theo, now=now)

    with pytest.raises(DraftExists, match="“Ball progression” has a draft already"):
        draft_from(book["BALL_PROGRESSION"], actor=theo, now=now)


def test_a_template_without_versions_gets_an_empty_draft(clinic, theo, now):
    template = ProgramTemplate.objects.create(clinic=clinic, code="NEW", title="New one")

    draft = draft_from(template, actor=theo, now=now)

    assert (draft.number, draft.title, draft.phases.count()) == (1, "New one", 0)


def test_retiring_twice_is_once(book, theo, now):
    version = book["BALL_PROGRESSION"]
    retire(version, actor=theo, now=now)
    retire(version, actor=theo, now=now)

    assert version.state == "retired"
    assert AuditEntry.objects.filter(verb="retire_version").count() == 1


def test_a_draft_is_not_retired(ball, theo, now):
    with pytest.raises(NotPublished):
        retire(ball, actor=theo, now=now)


# Frozen for good


def attempts(version: ProgramVersion) -> Iterator[tuple[str, Callable[[], object]]]:
    phase: Any = version.phases.first()
    item: Any = phase.items.first()
    ladder, level = item.ladder_version, item.ladder_version.levels.first()
    found: Any
    row: Any
    for row in (version, phase, item, ladder, level):
        yield f"save {row._meta.model_name}", row.save
        yield f"delete {row._meta.model_name}", row.delete
    for row in (version, phase, item, ladder, level):
        found = type(row).objects.filter(pk=row.pk)
        yield f"delete the rows of {row._meta.model_name}", found.delete
    for row, values in (
        (phase, {"name": "x"}),
        (item, {"start_code": "x"}),
        (ladder, {"title": "x"}),
        (level, {"name": "x"}),
    ):
        found = type(row).objects.filter(pk=row.pk)
        yield f"update the rows of {row._meta.model_name}", partial(found.update, **values)


@pytest.mark.parametrize("state", ["published", "retired"])
def test_what_was_published_can_neither_be_changed_nor_deleted(book, theo, now, state):
    version = book["BALL_PROGRESSION"]
    if state == "retired":
        retire(version, actor=theo, now=now)

    let_through = []
    for what, act in attempts(version):
        try:
            act()
        except Frozen:
            continue
        let_through.append(what)

    assert let_through == []


def test_a_draft_in_memory_is_frozen_when_somebody_else_has_published_it(ball, theo, now):
    stale = ProgramVersion.objects.get(pk=ball.pk)
    phase = stale.phases.get(position=1)
    publish_version(ball, change_note="First.", actor=theo, now=now)

    with pytest.raises(Frozen):
        stale.save()
    with pytest.raises(Frozen):
        phase.save()


def test_ladders_and_templates_with_a_history_stay(book):
    with pytest.raises(ProtectedError):
        ladder_of("BRG").delete()
    with pytest.raises(ProtectedError):
        book["BALL_PROGRESSION"].template.delete()


def test_a_draft_may_go_with_all_its_parts(ball):
    ball.delete()

    assert not PhaseItem.objects.filter(phase__version=ball.pk).exists()


# Lint


def remarks(version: ProgramVersion, *, errors: bool) -> list[str]:
    return [str(finding) for finding in lint(version) if finding.is_error is errors]


def test_the_shipped_templates_have_no_error_and_no_warning(library):
    assert [str(finding) for version in ProgramVersion.objects.all() for finding in lint(version)] == []


def set_item(version: ProgramVersion, **values) -> None:
    item = version.phases.get(position=1).items.get(position=1)
    for name, value in values.items():
        setattr(item, name, value)
    item.save()


def set_phase(version: ProgramVersion, **values) -> None:
    phase = version.phases.get(position=1)
    for name, value in values.items():
        setattr(phase, name, value)
    phase.save()


def add_item(version: ProgramVersion, code: str, **values) -> None:
    PhaseItem.objects.create(
        phase=version.phases.get(position=1), ladder=ladder_of(code), position=9, start_code=f"{code}-1", **values
    )


BREAKS = {
    "settle, NGL: Level NGL-9 is not on this ladder.": lambda version: set_item(version, start_code="NGL-9"),
    "settle, NGL: It starts at NGL-3, above its cap NGL-2.": lambda version: set_item(version, start_code="NGL-3"),
    "settle: NGL and STA must not be combined.": lambda version: add_item(version, "STA"),
    "settle: HNG stands twice.": lambda version: add_item(version, "HNG"),
    "settle, STW: This program blocks the ladder.": lambda version: add_item(version, "STW"),
    "settle: Nothing says when it ends: it needs an exit.": lambda version: set_phase(version, exit={}),
    "settle: The exit names gate “moon”, which is not there.": lambda version: set_phase(
        version, exit={"all": [{"gate": "moon"}]}
    ),
    "settle: The exit holds no known condition: {'moon': 'full'}.": lambda version: set_phase(
        version, exit={"any": [{"moon": "full"}]}
    ),
    "settle: It ends on day 0, before it starts.": lambda version: set_phase(version, day_to=0),
    "settle: There is no exercise yet.": lambda version: version.phases.get(position=1).items.all().delete(),
    "There is no phase yet.": lambda version: version.phases.all().delete(),
    "Path “muscle” is used by a phase and is not among the paths.": lambda version: set_phase(version, path="muscle"),
    "NGL: Nothing says when to stop: it needs a stop rule.": lambda version: Ladder.objects.filter(code="NGL").update(
        details={}
    ),
    "settle, NGL: The ladder is retired.": lambda version: Ladder.objects.filter(code="NGL").update(
        retired_at="2026-01-01T00:00Z"
    ),
    "NGL-2: 900: goes from 1 to 300": lambda version: Level.objects.filter(code="NGL-2").update(reps_high=900),
    "NGL-2: Gate “moon” is not there.": lambda version: Level.objects.filter(code="NGL-2").update(
        requires_gates=["moon"]
    ),
}


@pytest.mark.parametrize("said", BREAKS)
def test_what_is_broken_is_named_and_not_published(nerve, theo, now, said):
    BREAKS[said](nerve)

    assert said in remarks(nerve, errors=True)
    with pytest.raises(BrokenDraft) as refusal:
        publish_version(nerve, change_note="Try.", actor=theo, now=now)
    assert said in str(refusal.value)
    assert not LadderVersion.objects.exists()


def test_four_exercises_at_a_time_warn_and_seven_stop(nerve):
    for code in ("BRG", "DYN"):
        add_item(nerve, code)
    assert [text for text in remarks(nerve, errors=False) if text.startswith("settle: 4 exercises at a time.")] != []

    for code in ("SQT", "SLS", "SLD"):
        add_item(nerve, code)
    assert "settle: 7 exercises at a time are too many." in remarks(nerve, errors=True)


def test_an_exit_that_no_exercise_leads_to_is_a_warning(ball):
    set_phase(ball, exit={"all": [{"level": "SDL-3"}]})

    assert "bridge: The exit waits for SDL-3, and no exercise of this phase leads there." in remarks(ball, errors=False)


def test_a_program_that_asks_for_a_gate_nobody_can_record_is_not_published(ball, theo, now):
    ball.entry = {"gates": ["no_such_gate"]}
    ball.save()
    assert remarks(ball, errors=True) == ["Who may begin depends on gate “no_such_gate”, which is not there."]
