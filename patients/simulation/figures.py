"""From counts to what is read: shares, medians, and what differs between today's rules and the candidate."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from patients.simulation.counts import STEPS, per_100_logs
from patients.simulation.people import Character

Side = Mapping[str, Any]

OUTCOME_WORDS = {
    "advance": gettext_lazy("Moved on"),
    "hold": gettext_lazy("Stayed as it was"),
    "repeat_lighter": gettext_lazy("Made lighter"),
    "regress": gettext_lazy("Stepped back"),
    "stop_and_flag": gettext_lazy("Stopped"),
}


@dataclass(frozen=True)
class Pair:
    """One figure under today's rules and program, and under the candidate."""

    label: str
    now: float
    then: float
    note: str = ""

    @property
    def difference(self) -> float:
        return round(self.then - self.now, 1)


@dataclass(frozen=True)
class LevelLine:
    """How a level went: who reached it and on which day, and who stayed on it for three weeks although training."""

    code: str
    name: str
    reached_now: int
    reached_then: int
    days_now: float | None  # median, day 1 is the first
    days_then: float | None
    stalled_now: int
    stalled_then: int
    why: str  # the rule that most often spoke last to those who stalled under the candidate


def sides(counts: Mapping[str, Any]) -> tuple[Side, Side]:
    return counts.get("current", {}), counts.get("candidate", {})


def outcomes(counts: Mapping[str, Any]) -> list[Pair]:
    """Of 100 decisions, how many were which."""
    now, then = sides(counts)
    return [Pair(str(OUTCOME_WORDS[step]), _share(now, step), _share(then, step)) for step in STEPS]


def _share(side: Side, outcome: str) -> float:
    every = sum(side.get("outcomes", {}).values())
    return round(100 * side["outcomes"].get(outcome, 0) / every, 1) if every else 0.0


def flags(counts: Mapping[str, Any]) -> list[Pair]:
    now, then = sides(counts)
    return [
        Pair(_("Flags per 100 logs"), per_100_logs(now), per_100_logs(then), _("severity 1 to 4; the budget is 10")),
        Pair(_("of them urgent or soon"), per_100_logs(now, 3), per_100_logs(then, 3), _("severity 1 to 3; near 5")),
    ]


def people(counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A line for each character, and one for all: of how many people who moved up, went back, was stopped, stalled."""
    now, then = sides(counts)
    lines = [
        {"label": character.label, "words": Character.words[character.value], "pairs": _people(one, other)}
        for character in Character
        if (one := now.get("characters", {}).get(character.value))
        and (other := then.get("characters", {}).get(character.value))
    ]
    return [*lines, {"label": _("Everybody"), "words": "", "pairs": _people(now, then)}] if lines else []


def _people(now: Side, then: Side) -> list[Pair]:
    parts = [("had", step, str(OUTCOME_WORDS[step])) for step in STEPS]
    counted = [Pair(label, now[key].get(step, 0), then[key].get(step, 0)) for key, step, label in parts]
    return [
        *counted,
        Pair(_("Stalled"), now["stalled"], then["stalled"]),
        flags({"current": now, "candidate": then})[0],
    ]


def levels(counts: Mapping[str, Any], book: Mapping[str, Any]) -> list[LevelLine]:
    """Made-up patients: every level of the candidate's ladders that anybody was on, in order."""
    now, then = sides(counts)
    lines = []
    for ladder in book.get("ladders", {}).values():
        for level in ladder["levels"]:
            code = level["code"]
            one, other = now.get("reached", {}).get(code, []), then.get("reached", {}).get(code, [])
            if not one and not other:
                continue
            stalled = then.get("stalls", {}).get(code, {})
            lines.append(
                LevelLine(
                    code=code,
                    name=level["name"],
                    reached_now=len(one),
                    reached_then=len(other),
                    days_now=median(one) + 1 if one else None,
                    days_then=median(other) + 1 if other else None,
                    stalled_now=sum(now.get("stalls", {}).get(code, {}).values()),
                    stalled_then=sum(stalled.values()),
                    why=max(stalled, key=lambda rule: stalled[rule], default=""),
                )
            )
    return lines


def levels_asked(counts: Mapping[str, Any]) -> list[tuple[str, int, list[Pair]]]:
    """Histories: level, decisions on it, and of them moved on, held and stopped."""
    lines = []
    for code, side in sorted(counts.get("levels", {}).items()):
        now, then = sides(side)
        pairs = [Pair(str(OUTCOME_WORDS[step]), now.get(step, 0), then.get(step, 0)) for step in STEPS]
        lines.append((code, sum(now.values()), pairs))
    return lines


def verdict(counts: Mapping[str, Any], *, made_up: bool) -> list[str]:
    """The difference in sentences; empty where nothing was counted yet."""
    if not counts:
        return []
    if made_up:
        return _verdict_on_people(counts)
    asked, changed, moved = counts.get("decisions", 0), counts.get("changed", 0), counts.get("people_changed", 0)
    if not asked:
        return [_("No decision was made in these weeks: there is nothing to ask again.")]
    if not changed:
        text = ngettext(
            "%(asked)s decision asked again: it would have been the same.",
            "%(asked)s decisions asked again: every one would have been the same.",
            asked,
        )
        return [text % {"asked": asked}]
    text = ngettext(
        "%(changed)s of %(asked)s decisions would have been another, for %(people)s of %(every)s people.",
        "%(changed)s of %(asked)s decisions would have been others, for %(people)s of %(every)s people.",
        changed,
    )
    return [text % {"changed": changed, "asked": asked, "people": moved, "every": counts["people"]}]


def _verdict_on_people(counts: Mapping[str, Any]) -> list[str]:
    now, then = sides(counts)
    if now == then:
        return [_("Nothing would have gone differently.")]
    words = {
        "advance": _("Moved up at least once: %(now)s of %(every)s people today, %(then)s as tried."),
        "stop_and_flag": _("Stopped at least once: %(now)s of %(every)s people today, %(then)s as tried."),
    }
    sentences = [
        text % {"now": now["had"].get(key, 0), "then": then["had"].get(key, 0), "every": now["people"]}
        for key, text in words.items()
    ]
    text = _("Flags per 100 logs: %(now)s today, %(then)s as tried.")
    return [*sentences, text % {"now": per_100_logs(now), "then": per_100_logs(then)}]


def plain(counts: Mapping[str, Any], book: Mapping[str, Any], *, made_up: bool, cases: bool = False) -> dict[str, Any]:
    """Everything as plain values, for machines: counts only, and the cases (ids of patients) where they are wanted."""
    now, then = sides(counts)
    found: dict[str, Any] = {
        "people": counts.get("people", now.get("people", 0)),
        "current": _plain_side(now),
        "candidate": _plain_side(then),
    }
    if made_up:
        found["levels"] = [_plain_level(line) for line in levels(counts, book)]
    else:
        names = ("decisions", "changed", "people_changed", "levels")
        found |= {name: counts.get(name, {} if name == "levels" else 0) for name in names}
    return found | ({"cases": counts.get("cases", [])} if cases else {})


def _plain_side(side: Side) -> dict[str, Any]:
    names = ("logs", "outcomes", "had", "rules", "flags", "codes", "stalled")
    return {name: side[name] for name in names if name in side} | {
        "flags_per_100_logs": per_100_logs(side),
        "flags_to_severity_3_per_100_logs": per_100_logs(side, 3),
        "characters": side.get("characters", {}),
    }


def _plain_level(line: LevelLine) -> dict[str, Any]:
    return {
        "level": line.code,
        "reached": [line.reached_now, line.reached_then],
        "median_day": [line.days_now, line.days_then],
        "stalled": [line.stalled_now, line.stalled_then],
        "stalled_by": line.why,
    }
