"""Findings in a version as a whole, in its phases and in their exercises."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.dose import minutes_of_bout
from programs.entries import EXIT, conditions, is_condition
from programs.lint.book import Book
from programs.lint.findings import Finding, Rule, error, warning
from programs.lint.reach import by_a_person
from programs.lint.reading import MOST_AGE, reading_age
from programs.models import Level, Phase, PhaseItem, ProgramVersion
from programs.nerve import lets_in_nerve_signs, needs_a_quiet_nerve

# Handbook 1C: adherence falls as the list grows; four warn, seven stop.
MANY_ITEMS, TOO_MANY_ITEMS = 4, 7
# Default, an editable guess: the longest phase of the shipped templates takes 23 minutes.
MOST_MINUTES = 30


def lint_version(version: ProgramVersion, phases: list[Phase], book: Book) -> Iterator[Finding]:
    if not phases:
        yield error(Rule.EMPTY, "", _("There is no phase yet."))
    for code in version.entry.get("gates", []):
        if code not in book.gates:
            text = _("Who may begin depends on gate “%(gate)s”, which is not there.")
            yield error(Rule.NOT_THERE, "", text % {"gate": code})
    paths = {phase.path for phase in phases} - {""}
    for path in sorted(paths - set(version.paths)):
        text = _("Path “%(path)s” is used by a phase and is not among the paths.")
        yield error(Rule.NOT_THERE, "", text % {"path": path})
    for path in sorted(set(version.paths) - paths):
        yield error(Rule.EMPTY, "", _("Path “%(path)s” has no phase.") % {"path": path})
    age = reading_age([version.for_whom, *version.education])
    if age is not None and age > MOST_AGE:
        text = _("The advice is for readers of about %(age)s years. Shorter sentences and words: %(most)s at most.")
        yield warning(Rule.READING_AGE, "", text % {"age": age, "most": MOST_AGE})


def lint_phase(phase: Phase, version: ProgramVersion, book: Book) -> Iterator[Finding]:
    items = list(phase.items.all())
    if not items:
        yield error(Rule.EMPTY, phase, _("There is no exercise yet."))
    if phase.day_from > phase.day_to:
        yield error(Rule.ORDER, phase, _("It ends on day %(to)s, before it starts.") % {"to": phase.day_to})
    yield from _lint_exit(phase, items, book)
    yield from _lint_amount(phase, items, version, book)
    yield from _lint_pairs(phase, items)
    for item in items:
        yield from _lint_item(phase, item, version, book)


def _lint_exit(phase: Phase, items: list[PhaseItem], book: Book) -> Iterator[Finding]:
    found = conditions(phase.exit) if set(phase.exit) <= EXIT else [phase.exit]
    if not found:
        yield error(Rule.EXIT, phase, _("Nothing says when it ends: it needs an exit."))
    levels = [level for item in items for level in _up_to_the_cap(item, book)]
    codes = {level.code for level in levels}
    set_here = {level.sets_gate for level in levels}
    for condition in found:
        gate, level = condition.get("gate", ""), condition.get("level", "")
        if not is_condition(condition):
            text = _("The exit holds no known condition: %(what)s.")
            yield error(Rule.EXIT, phase, text % {"what": condition})
        elif gate and gate not in book.gates:
            text = _("The exit names gate “%(gate)s”, which is not there.")
            yield error(Rule.NOT_THERE, phase, text % {"gate": gate})
        elif gate and not by_a_person(book.gates[gate]) and gate not in set_here:
            text = _("The exit waits for gate “%(gate)s”, and no exercise of this phase sets it.")
            yield warning(Rule.GATE_SOURCE, phase, text % {"gate": gate})
        elif level and level not in codes:
            text = _("The exit waits for %(level)s, and no exercise of this phase leads there.")
            yield warning(Rule.UNREACHABLE, phase, text % {"level": level})


def _up_to_the_cap(item: PhaseItem, book: Book) -> list[Level]:
    levels = book.levels[item.ladder.code]
    order = [level.code for level in levels]
    return levels[: order.index(item.cap_code) + 1] if item.cap_code in order else levels


def _lint_amount(phase: Phase, items: list[PhaseItem], version: ProgramVersion, book: Book) -> Iterator[Finding]:
    active = min(phase.choose_max or len(items), len(items))
    if active >= TOO_MANY_ITEMS:
        yield error(Rule.MANY, phase, _("%(count)s exercises at a time are too many.") % {"count": active})
    elif active >= MANY_ITEMS or active > version.max_active_items:
        text = ngettext("%(count)s exercise at a time.", "%(count)s exercises at a time.", active)
        few = min(version.max_active_items, MANY_ITEMS - 1)
        more = _("People do fewer the more there are; %(few)s at most is better.") % {"few": few}
        yield warning(Rule.MANY, phase, f"{text % {'count': active}} {more}")
    minutes = round(sum(sorted((_minutes_a_day(item, book) for item in items), reverse=True)[:active]))
    if minutes > MOST_MINUTES:
        text = _("Up to %(minutes)s minutes a day. %(most)s at most is better.")
        yield warning(Rule.MINUTES, phase, text % {"minutes": minutes, "most": MOST_MINUTES})
    for code, times in Counter(item.ladder.code for item in items).items():
        if times > 1:
            yield error(Rule.PAIR, phase, _("%(ladder)s stands twice.") % {"ladder": code})


def _minutes_a_day(item: PhaseItem, book: Book) -> float:
    """Of the longest level between start and cap, with as few bouts a day as it allows."""
    levels = _up_to_the_cap(item, book)
    order = [level.code for level in levels]
    first = order.index(item.start_code) if item.start_code in order else 0
    return max((minutes_of_bout(vars(level)) * level.per_day_low for level in levels[first:]), default=0)


def _lint_pairs(phase: Phase, items: Sequence[PhaseItem]) -> Iterator[Finding]:
    """Ladders that exclude each other: named in `blocks`, or as a contraindication `active XYZ ladder`."""
    ladders = [item.ladder for item in items]
    for ladder in ladders:
        for other in ladders:
            if other.code in ladder.blocks or f"active {ladder.code} ladder" in other.contraindications:
                text = _("%(ladder)s and %(other)s must not be combined.")
                yield error(Rule.PAIR, phase, text % {"ladder": ladder.code, "other": other.code})


def _lint_item(phase: Phase, item: PhaseItem, version: ProgramVersion, book: Book) -> Iterator[Finding]:
    where, ladder = f"{phase}, {item.ladder.code}", item.ladder
    order = [level.code for level in book.levels[ladder.code]]
    missing = [code for code in (item.start_code, item.cap_code) if code and code not in order]
    for code in missing:
        yield error(Rule.NOT_THERE, where, _("Level %(level)s is not on this ladder.") % {"level": code})
    if not missing and item.cap_code and order.index(item.start_code) > order.index(item.cap_code):
        text = _("It starts at %(start)s, above its cap %(cap)s.")
        yield error(Rule.ORDER, where, text % {"start": item.start_code, "cap": item.cap_code})
    if ladder.code in version.blocked_ladders:
        yield error(Rule.BLOCKED, where, _("This program blocks the ladder."))
    if ladder.retired_at:
        yield error(Rule.BLOCKED, where, _("The ladder is retired."))
    if phase.day_from + item.from_day - 1 > phase.day_to:
        yield warning(Rule.ORDER, where, _("It starts after the phase is over."))
    when = version.entry | version.paths.get(phase.path, {}).get("when", {})
    if needs_a_quiet_nerve(ladder.kind, ladder.contraindications) and lets_in_nerve_signs(when):
        text = _(
            "A held stretch is not for people with nerve signs, or whose nerve nobody has looked at: "
            "let the program begin only with a slump screen that says “unchanged”."
        )
        yield error(Rule.NERVE, where, text)
