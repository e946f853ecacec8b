"""Which levels nobody can ever reach: levels and gates that wait for each other, or for what can never be recorded.

A level waits for the level below it and for its gates, the first level of a ladder for what the ladder requires. A
gate that no person may record waits for a level that sets it. Equipment is taken to be at hand.
"""

from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from programs.lint.book import Book
from programs.lint.findings import Finding, Rule, error
from programs.models import Gate, Ladder, Level

Need = frozenset[str]  # nodes of which one is enough; a node is "gate hinge_3_points" or "level BRG-4"


def lint_reach(book: Book, ladders: Iterable[Ladder]) -> Iterator[Finding]:
    """What is wrong on `ladders`, judged by the whole book."""
    needs = _needs(book)
    reached = _reached(needs)
    told = set()
    for ladder in ladders:
        for level in book.levels[ladder.code]:
            # Who stands on a step cannot get to those above it either: one remark, at the lowest, is enough.
            stuck = _circle(_level(level.code), needs, reached)
            if stuck and frozenset(stuck) not in told:
                told.add(frozenset(stuck))
                way = " → ".join(_name(node) for node in [*stuck, stuck[0]])
                yield error(Rule.CYCLE, level.code, _("Each waits for the other: %(way)s.") % {"way": way})
            elif not stuck:
                yield from _own_lacks(level, book, needs, reached)


def _own_lacks(level: Level, book: Book, needs: Mapping[str, list[Need]], reached: set[str]) -> Iterator[Finding]:
    for need in _own_needs(level, book):
        if need & reached or not need:
            continue
        names = _(" or ").join(_name(node) for node in sorted(need))
        if any(node.startswith("gate ") and needs[node] == [frozenset()] for node in need):
            text = _("%(gate)s can never be recorded: no level sets it, and no person may record it.")
            yield error(Rule.GATE_SOURCE, level.code, text % {"gate": names})
        else:
            text = _("Nobody gets here: it waits for %(what)s, which cannot be reached.")
            yield error(Rule.UNREACHABLE, level.code, text % {"what": names})


def _needs(book: Book) -> dict[str, list[Need]]:
    setters: dict[str, set[str]] = {}
    for levels in book.levels.values():
        for level in levels:
            if level.sets_gate:
                setters.setdefault(level.sets_gate, set()).add(_level(level.code))
    needs: dict[str, list[Need]] = {
        _gate(code): [] if by_a_person(gate) else [frozenset(setters.get(code, ()))]
        for code, gate in book.gates.items()
    }
    for levels in book.levels.values():
        for number, level in enumerate(levels):
            below = [frozenset([_level(levels[number - 1].code)])] if number else []
            needs[_level(level.code)] = [*_own_needs(level, book), *below]
    return needs


def by_a_person(gate: Gate) -> bool:
    return gate.recorded_by.startswith("therapist")


def _own_needs(level: Level, book: Book) -> list[Need]:
    """Beside the level below. What is not there at all is another finding, and counts as reached here."""
    found = [frozenset([_gate(code)]) for code in level.requires_gates if code in book.gates]
    if level.pk != book.levels[level.ladder.code][0].pk:
        return found
    requires = level.ladder.requires
    gates = requires.get("gates") or [code for code in [requires.get("gate")] if code]
    found += [frozenset([_gate(code)]) for code in gates if code in book.gates]
    named = [[requires.get("ladder_level")], [one.get("ladder_level") for one in requires.get("any_of", [])]]
    for codes in named:
        there = frozenset(_level(code) for code in codes if code in book.level_codes)
        if there:
            found.append(there)
    return found


def _reached(needs: Mapping[str, list[Need]]) -> set[str]:
    reached: set[str] = set()
    while more := {
        node for node, all_of in needs.items() if node not in reached and all(need & reached for need in all_of)
    }:
        reached |= more
    return reached


def _circle(node: str, needs: Mapping[str, list[Need]], reached: set[str]) -> list[str]:
    """The way from `node` through what it waits for back to itself; empty if there is none."""
    if node in reached:
        return []
    waiting = [(node, [node])]
    seen = set()
    while waiting:
        here, way = waiting.pop(0)
        for next_ in sorted(one for need in needs[here] if not need & reached for one in need):
            if next_ == node:
                return way
            if next_ not in seen:
                seen.add(next_)
                waiting.append((next_, [*way, next_]))
    return []


def _gate(code: str) -> str:
    return f"gate {code}"


def _level(code: str) -> str:
    return f"level {code}"


def _name(node: str) -> str:
    kind, code = node.split(" ", 1)
    return _("gate “%(code)s”") % {"code": code} if kind == "gate" else code
