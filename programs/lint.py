"""What is wrong, or worth a second look, in a program version before it is published."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.bounds import level_faults
from programs.entries import EXIT, conditions, is_condition
from programs.models import Gate, Ladder, Level, Phase, PhaseItem, ProgramVersion

# Handbook 1C: adherence falls as the list grows; four warn, seven stop.
MANY_ITEMS, TOO_MANY_ITEMS = 4, 7


class Weight(StrEnum):
    ERROR = "error"  # stops publication
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: `where` names the phase or the exercise, `text` says in plain words what is wrong."""

    weight: Weight
    where: str
    text: str

    @property
    def is_error(self) -> bool:
        return self.weight is Weight.ERROR

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


def lint(version: ProgramVersion) -> list[Finding]:
    """All findings for `version` as it stands, errors first. A frozen version is judged by its ladders of today."""
    items = PhaseItem.objects.order_by("position", "pk").select_related("ladder")
    levels = Level.objects.order_by("position", "pk")
    phases = list(
        version.phases.order_by("position", "pk")
        .prefetch_related(Prefetch("items", items))
        .prefetch_related(Prefetch("items__ladder__levels", levels))
    )
    gates = set(Gate.objects.of(version.template.clinic).values_list("code", flat=True))
    found = [*_lint_version(version, phases, gates)]
    for phase in phases:
        found += _lint_phase(phase, version, gates)
    for ladder in {item.ladder_id: item.ladder for phase in phases for item in phase.items.all()}.values():
        found += _lint_ladder(ladder, gates)
    return sorted(found, key=lambda finding: not finding.is_error)


def _error(where: object, text: str) -> Finding:
    return Finding(Weight.ERROR, str(where), text)


def _warning(where: object, text: str) -> Finding:
    return Finding(Weight.WARNING, str(where), text)


def _lint_version(version: ProgramVersion, phases: list[Phase], gates: set[str]) -> Iterator[Finding]:
    if not phases:
        yield _error("", _("There is no phase yet."))
    for code in version.entry.get("gates", []):
        if code not in gates:
            yield _error("", _("Who may begin depends on gate “%(gate)s”, which is not there.") % {"gate": code})
    paths = {phase.path for phase in phases} - {""}
    for path in sorted(paths - set(version.paths)):
        yield _error("", _("Path “%(path)s” is used by a phase and is not among the paths.") % {"path": path})
    for path in sorted(set(version.paths) - paths):
        yield _error("", _("Path “%(path)s” has no phase.") % {"path": path})


def _lint_phase(phase: Phase, version: ProgramVersion, gates: set[str]) -> Iterator[Finding]:
    items = list(phase.items.all())
    if not items:
        yield _error(phase, _("There is no exercise yet."))
    if phase.day_from > phase.day_to:
        yield _error(phase, _("It ends on day %(to)s, before it starts.") % {"to": phase.day_to})
    yield from _lint_exit(phase, items, gates)
    yield from _lint_amount(phase, items, version)
    yield from _lint_pairs(phase, items)
    for item in items:
        yield from _lint_item(phase, item, version)


def _lint_exit(phase: Phase, items: list[PhaseItem], gates: set[str]) -> Iterator[Finding]:
    found = conditions(phase.exit) if set(phase.exit) <= EXIT else [phase.exit]
    if not found:
        yield _error(phase, _("Nothing says when it ends: it needs an exit."))
    levels = {level.code for item in items for level in item.ladder.levels.all()}
    for condition in found:
        if not is_condition(condition):
            yield _error(phase, _("The exit holds no known condition: %(what)s.") % {"what": condition})
        elif condition.get("gate", "") not in {"", *gates}:
            yield _error(phase, _("The exit names gate “%(gate)s”, which is not there.") % {"gate": condition["gate"]})
        elif condition.get("level", "") not in {"", *levels}:
            text = _("The exit waits for %(level)s, and no exercise of this phase leads there.")
            yield _warning(phase, text % {"level": condition["level"]})


def _lint_amount(phase: Phase, items: list[PhaseItem], version: ProgramVersion) -> Iterator[Finding]:
    active = min(phase.choose_max or len(items), len(items))
    if active >= TOO_MANY_ITEMS:
        yield _error(phase, _("%(count)s exercises at a time are too many.") % {"count": active})
    elif active >= MANY_ITEMS or active > version.max_active_items:
        text = ngettext("%(count)s exercise at a time.", "%(count)s exercises at a time.", active)
        few = min(version.max_active_items, MANY_ITEMS - 1)
        more = _("People do fewer the more there are; %(few)s at most is better.") % {"few": few}
        yield _warning(phase, f"{text % {'count': active}} {more}")
    for code, times in Counter(item.ladder.code for item in items).items():
        if times > 1:
            yield _error(phase, _("%(ladder)s stands twice.") % {"ladder": code})


def _lint_pairs(phase: Phase, items: list[PhaseItem]) -> Iterator[Finding]:
    """Ladders that exclude each other: named in `blocks`, or as a contraindication `active XYZ ladder`."""
    ladders = [item.ladder for item in items]
    for ladder in ladders:
        for other in ladders:
            if other.code in ladder.blocks or f"active {ladder.code} ladder" in other.contraindications:
                names = {"ladder": ladder.code, "other": other.code}
                yield _error(phase, _("%(ladder)s and %(other)s must not be combined.") % names)


def _lint_item(phase: Phase, item: PhaseItem, version: ProgramVersion) -> Iterator[Finding]:
    where, ladder = f"{phase}, {item.ladder.code}", item.ladder
    order = [level.code for level in ladder.levels.all()]
    missing = [code for code in (item.start_code, item.cap_code) if code and code not in order]
    for code in missing:
        yield _error(where, _("Level %(level)s is not on this ladder.") % {"level": code})
    if not missing and item.cap_code and order.index(item.start_code) > order.index(item.cap_code):
        names = {"start": item.start_code, "cap": item.cap_code}
        yield _error(where, _("It starts at %(start)s, above its cap %(cap)s.") % names)
    if ladder.code in version.blocked_ladders:
        yield _error(where, _("This program blocks the ladder."))
    if ladder.retired_at:
        yield _error(where, _("The ladder is retired."))
    if phase.day_from + item.from_day - 1 > phase.day_to:
        yield _warning(where, _("It starts after the phase is over."))


def _lint_ladder(ladder: Ladder, gates: set[str]) -> Iterator[Finding]:
    levels = list(ladder.levels.all())
    if not ladder.details.get("stop"):
        yield _error(ladder.code, _("Nothing says when to stop: it needs a stop rule."))
    if not ladder.how:
        yield _warning(ladder.code, _("It does not say how it is done."))
    for code in _dangling(ladder, [level.code for level in levels]):
        yield _warning(ladder.code, _("It has words for %(level)s, which is not there.") % {"level": code})
    for level in levels:
        for why in level_faults(vars(level)).values():
            yield _error(level.code, why)
        for code in [*level.requires_gates, level.sets_gate]:
            if code and code not in gates:
                yield _error(level.code, _("Gate “%(gate)s” is not there.") % {"gate": code})
        if level.terminal and level is not levels[-1]:
            yield _warning(level.code, _("It is marked as the top, but levels follow it."))


def _dangling(ladder: Ladder, codes: Iterable[str]) -> list[str]:
    named = [code for key in ("contraindications_at", "mistakes_from") for code in ladder.details.get(key, {})]
    return sorted(set(named) - set(codes))
