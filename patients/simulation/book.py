"""A program version as plain values, drafts too: a dry run can be made again from them alone, whatever is edited."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from programs.models import Gate, Ladder, LadderVersion, Level, LevelVersion, Phase, PhaseItem, ProgramVersion
from programs.publishing import copy_of

Plain = dict[str, Any]


def plain_book(version: ProgramVersion) -> Plain:
    """What a dry run needs of `version`. A draft's ladders are taken as they are now, as publishing would."""
    phases = list(version.phases.order_by("position", "pk"))
    prefetch_related_objects(phases, "items__ladder__levels", "items__ladder_version__levels")
    gates = Gate.objects.filter(clinic=version.template.clinic_id, recorded_by="log")
    ladders = {
        item.ladder.code: _plain_ladder(item.ladder_version, item.ladder) for one in phases for item in one.items.all()
    }
    return {
        "title": version.title,
        "code": version.template.code,
        "number": version.number,
        "state": version.state,
        "pain_policy": version.pain_policy,
        "paths": version.paths,
        "log_gates": sorted(gates.values_list("code", flat=True)),
        "phases": [_plain_phase(phase) for phase in phases],
        "ladders": ladders,
    }


def _plain_phase(phase: Phase) -> Plain:
    items = sorted(phase.items.all(), key=lambda item: item.position)
    return {
        "name": phase.name,
        "path": phase.path,
        "day_from": phase.day_from,
        "day_to": phase.day_to,
        "choose_max": phase.choose_max,
        "exit": phase.exit,
        "items": [
            {"ladder": item.ladder.code, "start": item.start_code, "cap": item.cap_code, "from_day": item.from_day}
            for item in items
        ],
    }


def _plain_ladder(frozen: LadderVersion | None, ladder: Ladder) -> Plain:
    if frozen is None:
        rungs: Sequence[Level] = sorted(ladder.levels.all(), key=lambda level: (level.position, level.pk))
        frozen, levels = copy_of(ladder, rungs)
    else:
        levels = sorted(frozen.levels.all(), key=lambda level: level.position)
    return {
        "kind": frozen.kind,
        "region": frozen.region,
        "title": frozen.title,
        "levels": [
            {"code": level.code, "position": level.position, "name": level.name, "content": level.content}
            for level in levels
        ],
    }


class Book:
    """The plain values as rows in memory: none of them is, or will be, in the database."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self.path = path or next(iter(values["paths"]), "")
        self.pain_policy: str = values["pain_policy"]
        self.approval = "therapist" if self._auto(values) == "therapist" else "auto"
        self.log_gates = set(values["log_gates"])
        self.levels: dict[str, list[LevelVersion]] = defaultdict(list)
        self.titles: dict[str, str] = {code: ladder["title"] for code, ladder in values["ladders"].items()}
        for code, ladder in values["ladders"].items():
            version = LadderVersion(code=code, kind=ladder["kind"], region=ladder["region"], title=ladder["title"])
            self.levels[code] = [LevelVersion(ladder_version=version, **level) for level in ladder["levels"]]
        chosen = [one for one in values["phases"] if one["path"] in ("", self.path)]
        self.phases = [_phase(position, one) for position, one in enumerate(chosen)]
        self.parts = {phase.pk: _parts(one) for phase, one in zip(self.phases, chosen, strict=True)}

    def _auto(self, values: Mapping[str, Any]) -> str:
        return str(values["paths"].get(self.path, {}).get("auto_advance", "")) if self.path else ""

    def cap_of(self, ladder: str) -> int:
        """The highest position any phase lets an exercise of `ladder` reach; 0 for a ladder that is not in it."""
        caps = [part.cap_code for parts in self.parts.values() for code, part in parts if code == ladder]
        positions = {level.code: level.position for level in self.levels[ladder]}
        return max((positions.get(cap, len(positions)) for cap in caps), default=0)


def _phase(position: int, values: Mapping[str, Any]) -> Phase:
    names = ("name", "path", "day_from", "day_to", "choose_max", "exit")
    return Phase(position=position, **{name: values[name] for name in names})


def _parts(phase: Mapping[str, Any]) -> list[tuple[str, PhaseItem]]:
    """Ladder code and its place in the phase, no more than may be chosen."""
    parts = [
        (one["ladder"], PhaseItem(start_code=one["start"], cap_code=one["cap"], from_day=one["from_day"]))
        for one in phase["items"]
    ]
    return parts[: phase["choose_max"]] if phase["choose_max"] else parts
