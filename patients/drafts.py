"""What each button of the program builder does to a draft. Whatever was typed is kept as it was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import User
from clinic.refusals import Refused
from patients.assignments import phase_items, phases_of, start_level
from patients.contraindications import Record, record_of
from patients.models import Episode, Patient, ProgramDraft
from patients.models.episode import BodySide
from programs.dose import as_json, dose_of
from programs.models import LadderVersion, LevelVersion, ProgramVersion

KILOGRAMS = "load"  # typed in kilograms, kept in grams as `load_grams`
NUMBERS = (
    "sets",
    "sets_max",
    "reps_low",
    "reps_high",
    "seconds_low",
    "seconds_high",
    "per_day_low",
    "per_day_high",
    KILOGRAMS,
    "band_step",
)


class NotThere(Refused):
    """The exercise, program or episode asked for is not in this clinic, or not this patient's."""


@dataclass
class DraftLine:
    """One exercise of a draft. `numbers` are what was typed; `source` the program it was taken with, if any."""

    key: str
    ladder: str
    level: str
    side: str
    episode: str
    cap: str = ""
    source: str = ""
    from_day: int = 1
    numbers: dict[str, str] = field(default_factory=dict)


def draft_of(patient: Patient, author: User, *, now: datetime) -> ProgramDraft:
    """The draft of this therapist for this patient; an empty one that is not saved where there is none."""
    found = ProgramDraft.objects.filter(patient=patient, author=author).select_related("version", "episode").first()
    return found or ProgramDraft(patient=patient, author=author, updated_at=now)


def lines_of(draft: ProgramDraft) -> list[DraftLine]:
    return [DraftLine(**values) for values in draft.lines]


def ladders_of(patient: Patient, lines: Sequence[DraftLine]) -> dict[str, LadderVersion]:
    """The frozen ladders of the lines with their levels, by id; two queries."""
    found = LadderVersion.objects.filter(clinic=patient.clinic_id, pk__in={line.ladder for line in lines})
    return {str(ladder.pk): ladder for ladder in found.prefetch_related("levels")}


def levels_of(ladder: LadderVersion) -> list[LevelVersion]:
    return sorted(ladder.levels.all(), key=lambda level: level.position)


def edit(
    patient: Patient,
    typed: Mapping[str, str],
    *,
    order: Sequence[str] = (),
    deed: str = "",
    about: str = "",
    actor: User,
    now: datetime,
) -> ProgramDraft:
    """Keep what was `typed`, then do what the button says: `deed` to `about` (an exercise, a program, a line).

    What was typed is kept even where the deed is refused. Two tabs do not take each other's lines away: what a form
    does not show stays. Raises NotThere, and the refusals of the template for a path it does not have.
    """
    draft = _keep(patient, typed, order, actor=actor, now=now)
    return _do(draft, deed, about, typed, now=now) if deed in DEEDS else draft


@transaction.atomic
def _keep(
    patient: Patient, typed: Mapping[str, str], order: Sequence[str], *, actor: User, now: datetime
) -> ProgramDraft:
    draft = _locked(patient, actor, now=now)
    lines = lines_of(draft)
    ladders = ladders_of(patient, lines)
    for line in lines:
        if line.ladder in ladders:
            _type_line(line, ladders[line.ladder], typed)
    if policy := typed.get("pain_policy"):
        draft.pain_policy = policy
    places = {key: place for place, key in enumerate(order)}
    return _save(draft, sorted(lines, key=lambda line: places.get(line.key, len(places))), now=now)


@transaction.atomic
def _do(draft: ProgramDraft, deed: str, about: str, typed: Mapping[str, str], *, now: datetime) -> ProgramDraft:
    draft = _locked(draft.patient, draft.author, now=now)
    return _save(draft, DEEDS[deed](draft, lines_of(draft), about, typed), now=now)


def _locked(patient: Patient, author: User, *, now: datetime) -> ProgramDraft:
    drafts = ProgramDraft.objects.select_for_update()
    draft, _is_new = drafts.get_or_create(patient=patient, author=author, defaults={"updated_at": now})
    draft.patient = patient
    return draft


def _save(draft: ProgramDraft, lines: Sequence[DraftLine], *, now: datetime) -> ProgramDraft:
    draft.lines, draft.updated_at = [asdict(line) for line in lines], now
    draft.save()
    return draft


def _type_line(line: DraftLine, ladder: LadderVersion, typed: Mapping[str, str]) -> None:
    levels = {level.code: level for level in ladder.levels.all()}
    for name in ("side", "episode", "cap"):
        setattr(line, name, typed.get(f"{name}-{line.key}", getattr(line, name)))
    line.numbers = {name: typed.get(f"{name}-{line.key}", value) for name, value in line.numbers.items()}
    wanted = typed.get(f"level-{line.key}", line.level)
    if wanted != line.level and wanted in levels and line.level in levels:
        before, after = numbers_of(levels[line.level]), numbers_of(levels[wanted])
        line.numbers = _follow(line.numbers, before, after)
        line.level = wanted


def _follow(typed: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The numbers of another level; those that were typed by hand stay, where the level still has them."""
    return {
        name: typed[name] if typed.get(name, value) != before.get(name, value) else value
        for name, value in after.items()
    }


def numbers_of(level: LevelVersion) -> dict[str, str]:
    """The full dose of a level as it stands in the form: only the numbers it has."""
    dose = as_json(dose_of(level))
    grams = dose.pop("load_grams")
    given = dose | {KILOGRAMS: None if grams is None else f"{grams / 1000:g}"}
    return {name: str(given[name]) for name in NUMBERS if given[name] is not None}


# What the buttons do


def _add(draft: ProgramDraft, lines: list[DraftLine], about: str, typed: Mapping[str, str]) -> list[DraftLine]:
    """An exercise of the library, at its first level or the one reached before."""
    ladder = _of_clinic(LadderVersion, draft, about)
    episode = _episode(draft, typed)
    return [*lines, _line(ladder, episode, record_of(episode))]


def _take(draft: ProgramDraft, lines: list[DraftLine], about: str, typed: Mapping[str, str]) -> list[DraftLine]:
    """The first phase of a published program. The first one taken goes on by its phases, unless a program runs."""
    version = ProgramVersion.objects.published().of(draft.patient.clinic).filter(pk=_uuid(about)).first()
    if version is None:
        raise NotThere(_("Choose a program first."), {"version": _("Choose a program first.")})
    path = typed.get("path", "") if version.paths else ""
    phase = phases_of(version, path)[0]
    episode = _episode(draft, typed)
    record = record_of(episode)
    running = draft.patient.programs.active().exists()
    if draft.version_id is None and not running:
        draft.version, draft.path, draft.episode, draft.pain_policy = version, path, episode, version.pain_policy
    taken = []
    for part in phase_items(phase):
        assert part.ladder_version is not None
        level = start_level({one.code: one for one in part.ladder_version.levels.all()}, part, record.reached)
        line = _line(part.ladder_version, episode, record, level=level)
        line.cap, line.source, line.from_day = part.cap_code, str(version.pk), part.from_day
        taken.append(line)
    known = {line.ladder for line in lines}
    return [*lines, *(line for line in taken if line.ladder not in known)]


def _line(ladder: LadderVersion, episode: Episode, record: Record, *, level: LevelVersion | None = None) -> DraftLine:
    levels = levels_of(ladder)
    reached = [one for one in levels if one.code in record.reached]
    start = level or (reached[-1] if reached else levels[0])
    side = episode.side if episode.side in BodySide.values else BodySide.BOTH
    key = uuid4().hex[:8]
    return DraftLine(key, str(ladder.pk), start.code, side, str(episode.pk), numbers=numbers_of(start))


def _remove(_draft: ProgramDraft, lines: list[DraftLine], about: str, _typed: Mapping[str, str]) -> list[DraftLine]:
    return [line for line in lines if line.key != about]


def _up(_draft: ProgramDraft, lines: list[DraftLine], about: str, _typed: Mapping[str, str]) -> list[DraftLine]:
    place = next((place for place, line in enumerate(lines) if line.key == about), 0)
    if place:
        lines[place - 1], lines[place] = lines[place], lines[place - 1]
    return lines


def _down(draft: ProgramDraft, lines: list[DraftLine], about: str, typed: Mapping[str, str]) -> list[DraftLine]:
    return _up(draft, lines[::-1], about, typed)[::-1]


def _by_hand(draft: ProgramDraft, lines: list[DraftLine], _about: str, _typed: Mapping[str, str]) -> list[DraftLine]:
    """Let go of the program's phases: its exercises stay, as chosen by hand."""
    draft.version, draft.path, draft.episode = None, "", None
    return lines


def _clear(draft: ProgramDraft, _lines: list[DraftLine], about: str, typed: Mapping[str, str]) -> list[DraftLine]:
    return _by_hand(draft, [], about, typed)


DEEDS = {
    "add": _add,
    "take": _take,
    "remove": _remove,
    "up": _up,
    "down": _down,
    "by_hand": _by_hand,
    "clear": _clear,
}


def _of_clinic(model: Any, draft: ProgramDraft, about: str) -> Any:
    found = model.objects.of(draft.patient.clinic).filter(pk=_uuid(about)).first()
    if found is None:
        raise NotThere(_("This exercise is not in the library any more."))
    return found


def _episode(draft: ProgramDraft, typed: Mapping[str, str]) -> Episode:
    """The open episode that new exercises are for: the one chosen, or the newest."""
    opened = Episode.objects.filter(patient=draft.patient, ended_on=None).order_by("-started_on", "-pk")
    found = opened.filter(pk=_uuid(typed.get("for", ""))).first() or opened.first()
    if found is None:
        raise NotThere(_("Open an episode first: exercises are for a problem."))
    found.patient = draft.patient
    return found


def _uuid(text: str) -> UUID:
    """The id a form names; one that nothing has where it names none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
