"""What a newer version of a program would change today for the patient who runs on an older one. Nothing is moved here.

What the patient reached and what a person set for them stays: levels, streaks, locks, their own numbers in a dose,
exercises chosen by hand. The rest follows the new version.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from patients.assignments import start_level
from patients.contraindications import Record, check_ladder
from patients.models import Program, ProgramItem
from patients.models.assignment import BY_A_PERSON, Override
from programs.dose import as_json, dose_of, from_json
from programs.models import LadderVersion, LevelVersion, Phase, PhaseItem, ProgramVersion

# Numbers that only make sense together: a patient's own lower end is not put under the version's upper end.
TOGETHER = (
    ("sets", "sets_max"),
    ("reps_low", "reps_high"),
    ("seconds_low", "seconds_high"),
    ("per_day_low", "per_day_high"),
    ("load_grams",),
    ("band_step",),
    ("rom_pct",),
    ("hold_s",),
    ("tempo",),
)

WORDS = ("how", "cues", "precautions")  # of a ladder, as a patient reads it

Dose = Mapping[str, Any]


class Fate(StrEnum):
    ADDED = "added"
    ENDED = "ended"
    CHANGED = "changed"
    SAME = "same"
    LEFT_OFF = "left_off"  # was taken off, and is not brought back


@dataclass(frozen=True)
class Line:
    """One exercise before and after. `item` is None for one that comes new, `level` None for one that ends."""

    fate: Fate
    ladder: LadderVersion
    item: ProgramItem | None = None
    level_before: LevelVersion | None = None
    level: LevelVersion | None = None
    dose_before: Dose | None = None
    dose: Dose | None = None
    cap_before: LevelVersion | None = None
    cap: LevelVersion | None = None
    part: PhaseItem | None = None
    stays: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        level = self.level or self.level_before
        if level is None:
            return self.ladder.title
        return self.item.named(level) if self.item else level.name

    @property
    def new_level(self) -> bool:
        return bool(self.level_before and self.level and self.level_before.code != self.level.code)

    @property
    def new_dose(self) -> bool:
        return self.dose_before is not None and self.dose is not None and self.dose_before != self.dose

    @property
    def new_cap(self) -> bool:
        return bool(self.item) and _code(self.cap_before) != _code(self.cap)

    @property
    def new_ladder(self) -> bool:
        """Whether the exercise is taken from another frozen copy of its ladder, whatever differs in it."""
        return self.item is not None and self.item.ladder_version_id != self.ladder.pk

    @property
    def new_words(self) -> bool:
        """Whether the text a patient reads differs: steps, cues, mistakes, what to take care of."""
        if self.item is None or self.level_before is None or self.level is None:
            return False
        old, new = self.item.ladder_version.content, self.ladder.content
        mistakes = self.level_before.content["mistakes"] != self.level.content["mistakes"]
        return mistakes or any(old[name] != new[name] for name in WORDS)


@dataclass(frozen=True)
class Changes:
    """All of it for one program. `refused` says why it cannot be moved now; empty if it can."""

    program: Program
    version: ProgramVersion
    path: str
    phase: Phase | None
    lines: tuple[Line, ...]
    pain_policy: str
    refused: tuple[str, ...]

    @property
    def moving(self) -> list[Line]:
        return [line for line in self.lines if line.fate in (Fate.ADDED, Fate.ENDED, Fate.CHANGED)]

    @property
    def new_phase(self) -> bool:
        return bool(self.phase and self.program.phase and self.phase.name != self.program.phase.name)

    @property
    def new_policy(self) -> bool:
        return self.pain_policy != self.program.pain_policy

    @property
    def counts(self) -> dict[str, int]:
        return {fate.value: sum(line.fate is fate for line in self.lines) for fate in Fate}


# Which programs


def newest_version() -> Subquery:
    """For a query of programs: the id of a published version newer than the one they run on, or None."""
    newer = ProgramVersion.objects.published().filter(
        template=OuterRef("version__template"),
        template__retired_at=None,
        number__gt=OuterRef("version__number"),
    )
    return Subquery(newer.order_by("-number").values("pk")[:1])


def on_older_versions(programs: QuerySet[Program], newest: ProgramVersion) -> QuerySet[Program]:
    """Of `programs`, those that run on an older version of the same template, with all that `changes` reads."""
    told = ProgramItem.objects.filter(Q(ended_on=None) | Q(ended_reason__in=BY_A_PERSON))
    told = told.select_related("ladder_version", "level", "cap", "stopped_by").order_by("position", "pk")
    parts = PhaseItem.objects.select_related("ladder_version").order_by("position")
    older = programs.filter(ended_on=None, version__template=newest.template_id, version__number__lt=newest.number)
    older = older.select_related("version", "phase", "patient__identity", "patient__owner", "episode")
    older = older.prefetch_related(Prefetch("items", told, to_attr="told"))
    return older.prefetch_related(Prefetch("phase__items", parts, to_attr="parts"))


def whole(version: ProgramVersion) -> list[Phase]:
    """The phases of a published version in order, with their exercises and every level; four queries."""
    parts = PhaseItem.objects.select_related("ladder_version").prefetch_related("ladder_version__levels")
    found = version.phases.order_by("position")
    return list(found.prefetch_related(Prefetch("items", parts.order_by("position"), to_attr="parts")))


# What changes


def changes(
    program: Program, version: ProgramVersion, phases: Sequence[Phase], *, record: Record | None, today: date
) -> Changes:
    """What moving `program` (from `on_older_versions`) to `version` with its `phases` (from `whole`) does today.

    Without a `record` contraindications are not looked at, and exercises that come new are shown at their first level.
    """
    path = program.path if version.paths else ""
    along = [phase for phase in phases if phase.path in ("", path)]
    phase = _same_phase(program.phase, along)
    missing = bool(version.paths) and path not in version.paths
    lines = () if phase is None or missing else tuple(_lines(program, phase, record=record, today=today))
    unchanged = program.version is not None and program.pain_policy == program.version.pain_policy
    policy = version.pain_policy if unchanged else program.pain_policy
    found = Changes(program, version, path, phase, lines, policy, ())
    return replace(found, refused=tuple(_refusals(found, missing_path=missing, record=record)))


def _same_phase(running: Phase | None, along: Sequence[Phase]) -> Phase | None:
    """The phase of the same name; else the one at the same place, or the last before it."""
    if running is None or not along:
        return along[0] if along else None
    named = next((phase for phase in along if phase.name == running.name), None)
    return named or max((one for one in along if one.position <= running.position), default=along[0], key=_position)


def _position(phase: Phase) -> int:
    return phase.position


def _lines(program: Program, phase: Phase, *, record: Record | None, today: date) -> Iterable[Line]:
    running: dict[str, list[ProgramItem]] = defaultdict(list)  # two of one ladder where its sides go their own way
    for item in items_of(program):
        running[item.ladder_version.code].append(item)
    known = {part.ladder_version.code for part in _parts(program.phase) if part.ladder_version}
    known |= {item.ladder_version.code for item in _of_the_episode(program) if item.ended_on}
    for part in _parts(phase):
        ladder = part.ladder_version
        assert ladder is not None  # published versions are frozen whole
        items = running.get(ladder.code, [])
        if any(item.by_hand for item in items):
            continue
        running.pop(ladder.code, None)
        if items:
            yield from (_kept(item, ladder, part) for item in items)
        elif ladder.code in known:
            yield Line(Fate.LEFT_OFF, ladder, part=part, stays=(_("It is off this patient's program, and stays off."),))
        else:
            yield _added(ladder, part, record)
    for item in chain.from_iterable(running.values()):
        if item.ladder_version.code in known and not item.by_hand:
            yield Line(Fate.ENDED, item.ladder_version, item, item.level, dose_before=item.dose)
        else:
            yield _by_hand(item)


def items_of(program: Program) -> list[ProgramItem]:
    """The running exercises of the program's own episode; a second problem's stay outside its versions."""
    return [item for item in _of_the_episode(program) if item.ended_on is None]


def _of_the_episode(program: Program) -> list[ProgramItem]:
    told: list[ProgramItem] = program.told  # type: ignore[attr-defined]
    return [item for item in told if item.episode_id == program.episode_id]


def _parts(phase: Phase | None) -> list[PhaseItem]:
    if phase is None:
        return []
    parts: list[PhaseItem] = phase.parts  # type: ignore[attr-defined]
    return parts[: phase.choose_max] if phase.choose_max else parts


def _by_hand(item: ProgramItem) -> Line:
    return Line(
        Fate.SAME,
        item.ladder_version,
        item,
        item.level,
        item.level,
        item.dose,
        item.dose,
        item.cap,
        item.cap,
        stays=(_("Chosen by hand for this patient: it stays as it is."),),
    )


def _added(ladder: LadderVersion, part: PhaseItem, record: Record | None) -> Line:
    levels = {level.code: level for level in ladder.levels.all()}
    cap = levels.get(part.cap_code)
    level = start_level(levels, part, record.reached) if record else levels[part.start_code]
    stays = (_("Starts at the level reached before."),) if level.code != part.start_code else ()
    return Line(Fate.ADDED, ladder, level=level, dose=dose_of_level(level), cap=cap, part=part, stays=stays)


def _kept(item: ProgramItem, ladder: LadderVersion, part: PhaseItem) -> Line:
    levels = sorted(ladder.levels.all(), key=lambda level: level.position)
    level = _same_level(item.level, levels)
    cap = next((one for one in levels if one.code == part.cap_code), None)
    dose = own_numbers_kept(item.dose, dose_of_level(item.level), dose_of_level(level))
    line = Line(
        Fate.SAME,
        ladder,
        item,
        item.level,
        level,
        item.dose,
        dose,
        item.cap,
        cap,
        part,
        tuple(_stays(item, level, cap, dose)),
    )
    changed = line.new_level or line.new_dose or line.new_cap or line.new_words
    return replace(line, fate=Fate.CHANGED if changed else Fate.SAME)


def _same_level(level: LevelVersion, levels: Sequence[LevelVersion]) -> LevelVersion:
    """The level of the same code; where the ladder lost it, the highest that is not harder by its place."""
    named = next((one for one in levels if one.code == level.code), None)
    return named or max(
        (one for one in levels if one.position <= level.position), default=levels[0], key=lambda one: one.position
    )


def dose_of_level(level: LevelVersion) -> dict[str, Any]:
    return as_json(dose_of(level))


def own_numbers_kept(mine: Dose, before: Dose, after: Dose) -> dict[str, Any]:
    """Today's dose under a new version: numbers that differ from the old level's are this patient's own and stay.

    They come from a person, from a load that was earned, or from a dose made lighter. A level that changed its kind
    (repetitions to seconds, weight to band) is taken whole: the old numbers say nothing there.
    """
    if {name for name in before if before[name] is None} != {name for name in after if after[name] is None}:
        return dict(after)
    mine = as_json(from_json(mine))
    own = {name for group in TOGETHER if any(mine[one] != before[one] for one in group) for name in group}
    return {name: mine[name] if name in own else value for name, value in after.items()}


def _stays(item: ProgramItem, level: LevelVersion, cap: LevelVersion | None, dose: Dose) -> Iterable[str]:
    if item.override == Override.LOCK:
        yield _("The level is locked and stays so.")
    if cap is not None and level.position > cap.position:
        yield _("The level reached stays, although this phase now ends at %(level)s.") % {"level": cap.code}
    if from_json(dose) != dose_of(level):
        yield _("Numbers of the dose that are this patient's own stay.")
    if item.limits:
        yield _("Own pain limits stay.")


def _refusals(found: Changes, *, missing_path: bool, record: Record | None) -> Iterable[str]:
    program = found.program
    if missing_path:
        names = {"number": found.version.number, "path": program.path}
        yield _("version %(number)s has no path “%(path)s”") % names
        return
    if found.phase is None:
        yield _("version %(number)s has no phase to go on with") % {"number": found.version.number}
    if program.paused_until:
        yield _("the program is paused: go on with it first")
    for item in items_of(program):
        if item.stopped_by_id:
            yield _("%(exercise)s is on hold: follow that up first") % {"exercise": item.name}
    for line in found.lines:
        locked = line.item is not None and line.item.override == Override.LOCK
        if locked and (line.fate is Fate.ENDED or line.new_level):
            names = {"exercise": line.name}
            yield _("the level of %(exercise)s is locked, and the new version does not have it") % names
        if line.item is not None and line.item.apart and line.fate is not Fate.ENDED and not line.ladder.sides_may_part:
            yield _("%(exercise)s has a level on each side, which the new version does not allow") % {
                "exercise": line.name
            }
    if record is not None:
        yield from _blocked(found, record)


def _blocked(found: Changes, record: Record) -> Iterable[str]:
    """Contraindications of what comes new, and those that a changed exercise has beyond what it had."""
    ends = {line.ladder.code for line in found.lines if line.fate is Fate.ENDED}
    comes = {line.ladder.code for line in found.lines if line.fate is Fate.ADDED}
    together = (set(record.running) - ends) | comes
    for line in found.lines:
        if line.fate is not Fate.ADDED and not line.new_ladder:
            continue
        beside = replace(record, running=together - {line.ladder.code})
        reasons = check_ladder(record.episode, line.ladder, record=beside)
        if line.item is not None:
            known = check_ladder(record.episode, line.item.ladder_version, record=beside)
            reasons = [reason for reason in reasons if reason not in known]
        if reasons:
            yield f"{line.ladder.title}: {', '.join(reasons)}"


def _code(level: LevelVersion | None) -> str:
    return level.code if level else ""


def change_notes(program: Program, version: ProgramVersion) -> list[str]:
    """What trainers wrote about every version between the program's own and `version`, the newest last."""
    runs_on = program.version.number if program.version else 0
    between = ProgramVersion.objects.filter(
        template=version.template_id, number__gt=runs_on, number__lte=version.number
    ).exclude(change_note="")
    return list(between.order_by("number").values_list("change_note", flat=True))
