"""A clinic's library as one YAML file: what `library_file` reads, with every value written out.

The same library always gives the same bytes, and what an empty clinic makes of them gives them again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from clinic.models import Clinic
from programs.library_ladders import LADDER_DETAILS, LADDER_LISTS
from programs.library_levels import LEVEL_DETAILS, LEVEL_PICTURE
from programs.models import Gate, Ladder, Level, Phase, PhaseItem, ProgramTemplate, ProgramVersion
from programs.models.exercise import LoadUnit

AS_THEY_ARE = ("sides", "mode", "sets", "sets_max", "hold_s", "tempo", "rest_s", "method", "sets_gate")
PAIRS = ("reps", "seconds", "per_day", "per_week")


def library_text(clinic: Clinic) -> str:
    """Gates, ladders as they are edited today, and of each template its newest published version, else its draft.

    A template without a phase, or with a phase without an exercise, is no program yet and is left out.
    """
    top = {"gates": _gates(clinic), "ladders": _ladders(clinic), "templates": _templates(clinic)}
    return yaml.dump(top, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10**6)


class _Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
    """Short lists of numbers stay on their line, and nothing is written as a reference."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_list(self, data: list[Any]) -> yaml.SequenceNode:
        numbers = all(isinstance(one, int) for one in data)
        found: yaml.SequenceNode = self.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=numbers)
        return found


_Dumper.add_representer(list, _Dumper.represent_list)


def _gates(clinic: Clinic) -> dict[str, Any]:
    return {
        gate.code: _filled(
            by=gate.recorded_by, override=gate.overridable, text=gate.text, values=gate.values, seed=gate.source
        )
        for gate in Gate.objects.of(clinic).order_by("code")
    }


def _ladders(clinic: Clinic) -> dict[str, Any]:
    levels: dict[Any, list[Level]] = {}
    for level in Level.objects.of(clinic).order_by("position", "pk"):
        levels.setdefault(level.ladder_id, []).append(level)
    ladders = Ladder.objects.of(clinic).order_by("code")
    return {ladder.code: _ladder(ladder, levels[ladder.pk]) for ladder in ladders if ladder.pk in levels}


def _ladder(ladder: Ladder, levels: Iterable[Level]) -> dict[str, Any]:
    return _filled(
        title=ladder.title,
        kind=ladder.kind,
        region=ladder.region,
        target=ladder.target,
        setup=ladder.setup,
        movement=ladder.movement,
        **{key: getattr(ladder, key) for key in LADDER_LISTS},
        contraindications=ladder.contraindications,
        equipment=_sorted(ladder.equipment),
        requires=_sorted(ladder.requires),
        blocks=ladder.blocks,
        lighter={"order": ladder.lighter} if ladder.lighter else {},
        seed_file=ladder.sources,
        **{key: _sorted(ladder.details.get(key)) for key in LADDER_DETAILS},
        retired=ladder.retired_at is not None,
        levels=[_level(level) for level in levels],
    )


def _level(level: Level) -> dict[str, Any]:
    return _filled(
        id=level.code,
        name=level.name,
        **{key: getattr(level, key) for key in AS_THEY_ARE},
        **{key: _pair(getattr(level, f"{key}_low"), getattr(level, f"{key}_high")) for key in PAIRS},
        load=_load(level),
        advance={
            "successes": level.successes,
            "min_days_at_level": level.min_days,
            "approval": level.approval,
            **_sorted(level.details.get("advance", {})),
        },
        equipment=level.equipment,
        optional_if_missing=level.optional_if_missing,
        requires_gates=level.requires_gates,
        terminal=level.terminal,
        **{key: _sorted(level.details.get(key)) for key in (*LEVEL_DETAILS, *LEVEL_PICTURE, "regress")},
        seed=level.seed,
    )


def _pair(low: int | None, high: int | None) -> list[int | None] | None:
    return None if low is None and high is None else [low, high]


def _load(level: Level) -> dict[str, Any]:
    start = level.load_start
    return _filled(
        unit=level.load_unit,
        start=_kilograms(start) if level.load_unit == LoadUnit.KG else start,
        step_pct=level.load_step_pct,
        min_step=_kilograms(level.load_min_step),
    )


def _kilograms(grams: int | None) -> float | int | None:
    if grams is None:
        return None
    return grams // 1000 if grams % 1000 == 0 else grams / 1000


def _templates(clinic: Clinic) -> dict[str, Any]:
    chosen: dict[Any, ProgramVersion] = {}
    for version in ProgramVersion.objects.of(clinic).order_by("number").select_related("template"):
        earlier = chosen.get(version.template_id)
        if earlier is None or earlier.state != "published" or version.state == "published":
            chosen[version.template_id] = version
    phases: dict[Any, list[Phase]] = {}
    found = Phase.objects.filter(version__in=[version.pk for version in chosen.values()])
    for phase in found.order_by("position", "pk").prefetch_related("items__ladder"):
        phases.setdefault(phase.version_id, []).append(phase)
    return {
        version.template.code: _template(version.template, version, phases[version.pk])
        for version in sorted(chosen.values(), key=lambda version: version.template.code)
        if version.pk in phases and all(phase.items.all() for phase in phases[version.pk])
    }


def _template(template: ProgramTemplate, version: ProgramVersion, phases: Iterable[Phase]) -> dict[str, Any]:
    return _filled(
        title=version.title,
        seeds=template.sources,
        **{"for": version.for_whom},
        entry=_sorted(version.entry),
        pain_policy=version.pain_policy,
        max_active_items=version.max_active_items,
        blocked_ladders=version.blocked_ladders,
        education=version.education,
        paths=_sorted(version.paths),
        retired=template.retired_at is not None,
        phases=[_phase(phase) for phase in phases],
    )


def _phase(phase: Phase) -> dict[str, Any]:
    items = sorted(phase.items.all(), key=lambda item: (item.position, item.pk))
    return _filled(
        name=phase.name,
        path=phase.path,
        days=[phase.day_from, phase.day_to],
        choose_max=phase.choose_max,
        items=[_item(item) for item in items],
        exit=_sorted(phase.exit),
    )


def _item(item: PhaseItem) -> dict[str, Any]:
    return _filled(ladder=item.ladder.code, start=item.start_code, cap=item.cap_code, from_day=item.from_day)


def _filled(**values: Any) -> dict[str, Any]:
    """Without what is empty; a weight or a rest of 0 is not."""
    return {key: value for key, value in values.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def _sorted(value: Any) -> Any:
    """Entries kept as JSON in one order, whatever order the database gives them in."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(one) for one in value]
    return value
