"""Brings a library into a clinic. What the clinic has already stays as the clinic has it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Clinic, User
from programs.library_file import read_library, shipped_library
from programs.library_values import GateEntry, LadderEntry, TemplateEntry
from programs.models import Gate, Ladder, Level, Phase, PhaseItem, ProgramTemplate, ProgramVersion
from programs.publishing import publish_version


@dataclass(slots=True)
class Loaded:
    """How much was new, and what was left alone because the clinic's own copy says something else."""

    gates: int = 0
    ladders: int = 0
    levels: int = 0
    templates: int = 0
    kept: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.gates or self.ladders or self.templates)


@transaction.atomic
def load_library(clinic: Clinic, *, files: Iterable[Path] | None = None, actor: User | None, now: datetime) -> Loaded:
    """Add the gates, ladders and templates that `clinic` does not have yet; templates come as drafts.

    `files`: library files, all together; the shipped ones if None. An entry the clinic has (by its code) is never
    touched: it is counted as kept where it differs. A ladder is one entry with its levels, a template with its phases.
    Raises BadLibrary, and then nothing was loaded.
    """
    library = shipped_library() if files is None else read_library(files)
    # Two loads at once would both find nothing and both add.
    Clinic.objects.select_for_update().get(pk=clinic.pk)
    loaded = Loaded()
    _load_gates(clinic, library.gates, loaded)
    ladders = _load_ladders(clinic, library.ladders, loaded)
    _load_templates(clinic, library.templates, ladders, loaded)
    if loaded.changed:
        audit.note("load_library", clinic, clinic=clinic, actor=actor, now=now)
    return loaded


def _load_gates(clinic: Clinic, entries: Mapping[str, GateEntry], loaded: Loaded) -> None:
    existing = {gate.code: gate for gate in Gate.objects.of(clinic)}
    new = []
    for code, entry in entries.items():
        if code not in existing:
            new.append(Gate(clinic=clinic, code=code, **entry.values))
        elif not _same(existing[code], entry.values):
            loaded.kept.append(f"gate {code}")
    loaded.gates = len(Gate.objects.bulk_create(new))


def _load_ladders(clinic: Clinic, entries: Mapping[str, LadderEntry], loaded: Loaded) -> dict[str, Ladder]:
    ladders = {ladder.code: ladder for ladder in Ladder.objects.of(clinic).prefetch_related(_in_order("levels", Level))}
    new = {}
    levels = []
    for code, entry in entries.items():
        if code in ladders:
            if not _same_ladder(ladders[code], entry):
                loaded.kept.append(f"ladder {code}")
            continue
        new[code] = Ladder(clinic=clinic, code=code, **entry.values)
        levels += [Level(ladder=new[code], code=level.code, **level.values) for level in entry.levels]
    loaded.ladders = len(Ladder.objects.bulk_create(new.values()))
    loaded.levels = len(Level.objects.bulk_create(levels))
    return ladders | new


def _load_templates(
    clinic: Clinic, entries: Mapping[str, TemplateEntry], ladders: Mapping[str, Ladder], loaded: Loaded
) -> None:
    existing = {template.code: template for template in ProgramTemplate.objects.of(clinic)}
    latest = _latest_versions(existing.values())
    templates, versions, phases, items = [], [], [], []
    for code, entry in entries.items():
        if code in existing:
            version = latest.get(existing[code].pk)
            if version is None or not _same_version(version, entry):
                loaded.kept.append(f"template {code}")
            continue
        template = ProgramTemplate(clinic=clinic, code=code, title=entry.values["title"], sources=list(entry.sources))
        version = ProgramVersion(template=template, number=1, **entry.values)
        templates.append(template)
        versions.append(version)
        for part in entry.phases:
            phase = Phase(version=version, **part.values)
            phases.append(phase)
            items += [PhaseItem(phase=phase, ladder=ladders[item.ladder], **item.values) for item in part.items]
    loaded.templates = len(ProgramTemplate.objects.bulk_create(templates))
    ProgramVersion.objects.bulk_create(versions)
    Phase.objects.bulk_create(phases)
    PhaseItem.objects.bulk_create(items)


# Does the clinic's copy still say what the file says?


def _in_order(name: str, model: type[models.Model], *related: str) -> "models.Prefetch[Any, Any, Any]":
    found = model._default_manager.order_by("position", "pk")
    return models.Prefetch(name, found.select_related(*related) if related else found)


def _latest_versions(templates: Iterable[ProgramTemplate]) -> dict[object, ProgramVersion]:
    found = ProgramVersion.objects.filter(template__in=[template.pk for template in templates]).order_by("number")
    found = found.prefetch_related(_in_order("phases", Phase), _in_order("phases__items", PhaseItem, "ladder"))
    return {version.template_id: version for version in found}


def _same(row: models.Model, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def _same_list(rows: Sequence[models.Model], entries: Sequence[Any]) -> bool:
    return len(rows) == len(entries) and all(_same(row, entry.values) for row, entry in zip(rows, entries, strict=True))


def _same_ladder(ladder: Ladder, entry: LadderEntry) -> bool:
    levels = list(ladder.levels.all())
    codes = [level.code for level in levels] == [level.code for level in entry.levels]
    return _same(ladder, entry.values) and codes and _same_list(levels, entry.levels)


def _same_version(version: ProgramVersion, entry: TemplateEntry) -> bool:
    phases = list(version.phases.all())
    if not (_same(version, entry.values) and _same_list(phases, entry.phases)):
        return False
    return all(
        _same_list(items := list(phase.items.all()), part.items)
        and [item.ladder.code for item in items] == [item.ladder for item in part.items]
        for phase, part in zip(phases, entry.phases, strict=True)
    )


def publish_new(clinic: Clinic, *, actor: User | None, now: datetime) -> list[ProgramVersion]:
    """Publish the first draft of every template of `clinic` that was never published. Raises as `publish_version`."""
    drafts = ProgramVersion.objects.of(clinic).filter(number=1, state=ProgramVersion.State.DRAFT)
    note = _("First version, as it comes with the library.")
    return [
        publish_version(draft, change_note=note, actor=actor, now=now) for draft in drafts.order_by("template__code")
    ]
