"""Two versions of a program side by side, in words: what a trainer changed, exercise by exercise and level by level."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from programs.models import LadderVersion, LevelVersion, Phase, PhaseItem, ProgramVersion
from programs.pictures import PICTURE
from programs.preview import PARTS, frozen_copy
from programs.templatetags.dose import dose_line, frequency_words, load_words, tempo_words
from programs.words import equipment_words, exit_words, path_words, plain, requires_words, when_words

Said = Mapping[str, tuple[str, ...]]  # label → lines


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that can differ: what the older and the newer version say of it, a line each."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Part:
    """The program itself, a phase, an exercise or a level. `fate`: came, went, or is in both."""

    title: str
    kind: str
    fate: str  # new, gone, both
    rows: tuple[Row, ...]

    @property
    def differs(self) -> bool:
        return self.fate != "both" or any(row.differs for row in self.rows)


def differences(before: ProgramVersion, after: ProgramVersion) -> list[Part]:
    """Every part of either version, in the order of `after`; what only `before` has stands where it stood there.

    Phases are matched by their name, exercises and levels by their codes. A draft is taken as it would be frozen now.
    """
    old, new = dict(_parts(before)), dict(_parts(after))
    return [_part(key, old.get(key), new.get(key)) for key in _merged(list(old), list(new))]


def _part(key: tuple[str, ...], old: tuple[str, Said] | None, new: tuple[str, Said] | None) -> Part:
    title = (new or old or ("", {}))[0]
    before, after = old[1] if old else {}, new[1] if new else {}
    rows = tuple(
        Row(label, before.get(label, ()), after.get(label, ())) for label in _merged(list(before), list(after))
    )
    fate = "both" if old and new else "new" if new else "gone"
    return Part(title, key[0], fate, tuple(row for row in rows if row.before or row.after))


def _merged(old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    """`new` in its order, with what only `old` has put behind the one it followed there."""
    found = list(new)
    for place, key in enumerate(old):
        if key not in new:
            earlier = [found.index(one) for one in old[:place] if one in found]
            found.insert(max(earlier, default=-1) + 1, key)
    return found


def _parts(version: ProgramVersion) -> Iterator[tuple[tuple[str, ...], tuple[str, Said]]]:
    yield ("program",), (_("The program"), _program(version))
    phases = version.phases.order_by("position", "pk").prefetch_related(*PARTS)
    ladders: dict[str, tuple[LadderVersion, list[LevelVersion]]] = {}
    for phase in phases:
        items = sorted(phase.items.all(), key=lambda item: (item.position, item.pk))
        ladders |= {item.ladder.code: frozen_copy(item) for item in items}
        yield ("phase", phase.path, phase.name), (phase.name.capitalize(), _phase(phase, items))
    for code, (ladder, levels) in ladders.items():
        yield ("ladder", code), (ladder.title, _ladder(ladder))
        for level in sorted(levels, key=lambda level: level.position):
            yield ("level", code, level.code), (f"{level.code} {level.name}", _level(level))


def _program(version: ProgramVersion) -> Said:
    return {
        _("Title"): (version.title,),
        _("For whom"): _lines(version.for_whom),
        _("Who may begin"): tuple(when_words(version.entry)),
        _("Pain policy"): (version.get_pain_policy_display(),),
        _("Exercises at a time, at most"): (str(version.max_active_items),),
        _("Blocked ladders"): tuple(version.blocked_ladders),
        _("Advice"): tuple(version.education),
        _("Paths"): tuple(path_words(version.paths)),
    }


def _phase(phase: Phase, items: Iterable[PhaseItem]) -> Said:
    return {
        _("Days"): (_("%(first)s to %(last)s") % {"first": phase.day_from, "last": phase.day_to},),
        _("Choose at most"): _lines(phase.choose_max),
        _("It ends when"): tuple(exit_words(phase.exit)),
        _("Exercises"): tuple(_item(item) for item in items),
    }


def _item(item: PhaseItem) -> str:
    title = item.ladder_version.title if item.ladder_version else item.ladder.title
    words = {"ladder": title, "start": item.start_code, "cap": item.cap_code or _("the top")}
    line = _("%(ladder)s: from %(start)s to %(cap)s") % words
    return line if item.from_day == 1 else _("%(line)s, from day %(day)s") % {"line": line, "day": item.from_day}


def _ladder(ladder: LadderVersion) -> Said:
    content = ladder.content
    details = content["details"]
    return {
        _("Title"): (ladder.title,),
        _("Kind"): (ladder.get_kind_display(),),
        _("Region"): (ladder.get_region_display(),),
        _("What it trains"): _lines(content["target"]),
        _("Set-up"): _lines(content["setup"]),
        _("Movement"): _lines(content["movement"]),
        _("How to do it"): tuple(content["how"]),
        _("Cues"): tuple(content["cues"]),
        _("Precautions"): tuple(content["precautions"]),
        _("Adjustments"): tuple(content["adjustments"]),
        _("May be overruled"): _codes(details.get("overridable", [])),
        _("Left and right on levels of their own"): _lines(
            _("where a therapist says so") if ladder.sides_may_part else ""
        ),
        _("Stop rules"): _codes(details.get("stop", [])),
        _("When the form is lost"): _lines(details.get("on_fault")),
        _("Give it up if"): _lines(details.get("cease_if")),
        _("Equipment"): tuple(equipment_words(content["equipment"])),
        _("What comes before"): tuple(requires_words(content["requires"])),
        _("Must not be combined with"): tuple(content["blocks"]),
        _("Made lighter by"): _codes(content["lighter"]),
    }


def _level(level: LevelVersion) -> Said:
    content = level.content
    rest = _("%(seconds)s s rest") % {"seconds": content["rest_s"]}
    dose = [dose_line(level), load_words(level), tempo_words(content["tempo"]), rest, frequency_words(level)]
    return {
        _("Place on the ladder"): (str(level.position),),
        _("Name"): (level.name,),
        _("Dose"): tuple(line for line in dose if line),
        _("Moving on"): tuple(_moving_on(content)),
        _("Sets gate"): _lines(content["sets_gate"]),
        _("Needs gates"): tuple(content["requires_gates"]),
        _("Needs"): _codes(content["equipment"]),
        _("Contraindications"): _codes(content["contraindications"]),
        _("Common mistakes"): tuple(content["mistakes"]),
        _("Drawing"): tuple(_lines(content["details"].get("drawing")) + _lines(content["details"].get("picture_text"))),
        _("Own picture"): tuple(_own_picture(content["details"])),
    }


def _own_picture(details: Mapping[str, Any]) -> Iterator[str]:
    """Its words and its day; the end of its id tells two of one day apart."""
    if own := details.get(PICTURE):
        day = date_format(datetime.fromisoformat(own["at"]), "j M Y")
        yield _("%(text)s (brought %(day)s, %(id)s)") % {"text": own["text"], "day": day, "id": own["id"][-6:]}


def _moving_on(content: Mapping[str, Any]) -> Iterator[str]:
    if content["terminal"]:
        yield _("top of the ladder")
        return
    numbers = {"successes": content["successes"], "days": content["min_days"]}
    yield _("clean days: %(successes)s; days at this level: %(days)s at least") % numbers
    yield _("by a therapist") if content["approval"] == "therapist" else _("by the rules")


def _lines(text: object) -> tuple[str, ...]:
    return tuple(str(text).splitlines()) if text else ()


def _codes(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(plain(code) for code in codes)
