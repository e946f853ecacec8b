"""Brings a library into a clinic. What the clinic has stays as it has it, unless it is chosen to be replaced."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Clinic, User
from clinic.refusals import Refused
from programs.library_file import read_library, shipped_library
from programs.library_values import GateEntry, LadderEntry, Library, TemplateEntry
from programs.models import Gate, Ladder, Level, Phase, PhaseItem, ProgramTemplate, ProgramVersion
from programs.pictures import PICTURE
from programs.publishing import DraftExists, draft_from, publish_version

EVERYTHING = "all"


class Fate(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Compared:
    """One entry of a file beside the clinic's own. `what` names, for a changed one, what differs."""

    key: str  # "gate hinge_3_points", "ladder BRG", "template BALL_PROGRESSION", "level BRG-4"
    title: str
    fate: Fate
    what: tuple[str, ...] = ()


@dataclass(slots=True)
class Loaded:
    """How much was new, what was replaced, and what was left alone though the clinic's own says something else."""

    gates: int = 0
    ladders: int = 0
    levels: int = 0
    templates: int = 0
    replaced: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    differs: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by key of what is kept: where the file differs
    drafts: list[ProgramVersion] = field(default_factory=list)  # made so that a replaced ladder can be published

    @property
    def changed(self) -> bool:
        return bool(self.gates or self.ladders or self.templates or self.replaced)


@transaction.atomic
def load_library(
    clinic: Clinic,
    *,
    files: Iterable[Path] | None = None,
    replace: Collection[str] = (),
    actor: User | None,
    now: datetime,
) -> Loaded:
    """Add what `clinic` does not have yet of `files`, all together; of the shipped ones if None.

    `replace` as in `bring_in`, or `EVERYTHING` that differs. What runs and what is published stays as it is: each
    program with a replaced ladder gets a draft, for the trainer to publish. Raises BadLibrary, Refused for a key that
    nothing has, DraftExists; then nothing was loaded.
    """
    library = shipped_library() if files is None else read_library(files)
    keys = {one.key for one in compare(clinic, library)} if replace else set()
    if unknown := sorted(set(replace) - keys - {EVERYTHING}):
        raise Refused(_("%(key)s is no entry of the library. Nothing was loaded.") % {"key": unknown[0]})
    loaded = bring_in(clinic, library, replace=keys if EVERYTHING in replace else replace, actor=actor, now=now)
    loaded.drafts = _drafts_for(clinic, loaded, actor=actor, now=now)
    return loaded


def _drafts_for(clinic: Clinic, loaded: Loaded, *, actor: User | None, now: datetime) -> list[ProgramVersion]:
    """Of programs whose newest version is published with a ladder that was replaced: the others freeze it anyway."""
    codes = {key.removeprefix("ladder ") for key in loaded.replaced if key.startswith("ladder ")}
    latest = _latest_versions(ProgramTemplate.objects.of(clinic).filter(retired_at=None).order_by("code"))
    return [
        draft_from(version, actor=actor, now=now)
        for version in latest.values()
        if version.state == ProgramVersion.State.PUBLISHED
        and any(item.ladder.code in codes for phase in version.phases.all() for item in phase.items.all())
    ]


@transaction.atomic
def bring_in(
    clinic: Clinic, library: Library, *, replace: Collection[str] = (), actor: User | None, now: datetime
) -> Loaded:
    """Add the gates, ladders and templates that `clinic` does not have; templates come as drafts.

    An entry the clinic has (by its code) is counted as kept where it differs, unless `replace` holds its key: then a
    gate or ladder is overwritten, which changes no published version, and a template gets a new draft. A ladder is one
    entry with its levels, a template with its phases. Raises DraftExists for a template that has a draft already.
    """
    # Two loads at once would both find nothing and both add.
    Clinic.objects.select_for_update().get(pk=clinic.pk)
    compared = {one.key: one for one in compare(clinic, library)}
    fates = {key: one.fate for key, one in compared.items()}
    chosen = {key for key in replace if fates.get(key) is Fate.CHANGED}
    loaded = Loaded(
        replaced=[key for key in fates if key in chosen],
        kept=[key for key, fate in fates.items() if fate is Fate.CHANGED and key not in chosen],
    )
    loaded.differs = {key: compared[key].what for key in loaded.kept}
    _load_gates(clinic, library.gates, loaded)
    ladders = _load_ladders(clinic, library.ladders, loaded, now=now)
    _load_templates(clinic, library.templates, ladders, loaded, now=now)
    if loaded.changed:
        audit.note("load_library", clinic, clinic=clinic, actor=actor, now=now)
    return loaded


def _load_gates(clinic: Clinic, entries: Mapping[str, GateEntry], loaded: Loaded) -> None:
    existing = {gate.code: gate for gate in Gate.objects.of(clinic)}
    new = [Gate(clinic=clinic, code=code, **entry.values) for code, entry in entries.items() if code not in existing]
    loaded.gates = len(Gate.objects.bulk_create(new))
    for code, entry in entries.items():
        if f"gate {code}" in loaded.replaced:
            _overwrite(existing[code], entry.values)


def _load_ladders(
    clinic: Clinic, entries: Mapping[str, LadderEntry], loaded: Loaded, *, now: datetime
) -> dict[str, Ladder]:
    ladders = {ladder.code: ladder for ladder in Ladder.objects.of(clinic)}
    new, levels = {}, []
    for code, entry in entries.items():
        if code not in ladders:
            new[code] = Ladder(clinic=clinic, code=code, retired_at=now if entry.retired else None, **entry.values)
            levels += [Level(ladder=new[code], code=level.code, **level.values) for level in entry.levels]
        elif f"ladder {code}" in loaded.replaced:
            _overwrite(ladders[code], entry.values)
            _replace_levels(ladders[code], entry)
    loaded.ladders = len(Ladder.objects.bulk_create(new.values()))
    loaded.levels = len(Level.objects.bulk_create(levels))
    return ladders | new


def _replace_levels(ladder: Ladder, entry: LadderEntry) -> None:
    """Levels the file does not have go: running programs hold frozen copies, never these rows."""
    ladder.levels.exclude(code__in=[level.code for level in entry.levels]).delete()
    existing = {level.code: level for level in ladder.levels.all()}
    for level in entry.levels:
        row = existing.get(level.code) or Level(ladder=ladder, code=level.code)
        _overwrite(row, _with_own_picture(row, level.values))


def _with_own_picture(level: Level, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pictures do not travel in files, so a file takes none away."""
    own = {PICTURE: level.details[PICTURE]} if PICTURE in level.details else {}
    return {**values, "details": {**values["details"], **own}}


def _overwrite(row: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def _load_templates(
    clinic: Clinic,
    entries: Mapping[str, TemplateEntry],
    ladders: Mapping[str, Ladder],
    loaded: Loaded,
    *,
    now: datetime,
) -> None:
    existing = {template.code: template for template in ProgramTemplate.objects.of(clinic)}
    latest = _latest_versions(existing.values())
    templates, versions, phases, items = [], [], [], []
    for code, entry in entries.items():
        template, number = existing.get(code), 1
        if template is None:
            template = ProgramTemplate(
                clinic=clinic,
                code=code,
                title=entry.values["title"],
                sources=list(entry.sources),
                retired_at=now if entry.retired else None,
            )
            templates.append(template)
        elif f"template {code}" in loaded.replaced:
            number = _next_number(template, latest.get(template.pk))
        else:
            continue
        version = ProgramVersion(template=template, number=number, **entry.values)
        versions.append(version)
        for part in entry.phases:
            phase = Phase(version=version, **part.values)
            phases.append(phase)
            items += [PhaseItem(phase=phase, ladder=ladders[item.ladder], **item.values) for item in part.items]
    loaded.templates = len(ProgramTemplate.objects.bulk_create(templates))
    ProgramVersion.objects.bulk_create(versions)
    Phase.objects.bulk_create(phases)
    PhaseItem.objects.bulk_create(items)


def _next_number(template: ProgramTemplate, latest: ProgramVersion | None) -> int:
    if latest is None:
        return 1
    if latest.state == ProgramVersion.State.DRAFT:
        text = _("“%(title)s” has a draft already: publish or delete that one first. Nothing was brought in.")
        raise DraftExists(text % {"title": template.title})
    return latest.number + 1


# Does the clinic's copy still say what the file says?


def compare(clinic: Clinic, library: Library) -> list[Compared]:
    """Every entry of `library` beside what `clinic` has; a template beside its newest version. Changes nothing."""
    gates = {gate.code: gate for gate in Gate.objects.of(clinic)}
    ladders = {ladder.code: ladder for ladder in Ladder.objects.of(clinic).prefetch_related(_in_order("levels", Level))}
    templates = {template.code: template for template in ProgramTemplate.objects.of(clinic)}
    latest = _latest_versions(templates.values())
    found = [
        _compared(f"gate {code}", entry.values["text"], _other_values(gates[code], entry.values))
        if code in gates
        else Compared(f"gate {code}", entry.values["text"], Fate.NEW)
        for code, entry in library.gates.items()
    ]
    for code, ladder_entry in library.ladders.items():
        key, title = f"ladder {code}", ladder_entry.values["title"]
        mine = ladders.get(code)
        found.append(
            _compared(key, title, _other_ladder(mine, ladder_entry)) if mine else Compared(key, title, Fate.NEW)
        )
    for code, template_entry in library.templates.items():
        key, title = f"template {code}", template_entry.values["title"]
        if code in templates:
            version = latest.get(templates[code].pk)
            what = _other_version(version, template_entry) if version else [_("no version yet")]
            found.append(_compared(key, title, what))
        else:
            found.append(Compared(key, title, Fate.NEW))
    return found


def _compared(key: str, title: str, what: Iterable[str]) -> Compared:
    differs = tuple(dict.fromkeys(what))
    return Compared(key, title, Fate.CHANGED if differs else Fate.SAME, differs)


def _in_order(name: str, model: type[models.Model], *related: str) -> "models.Prefetch[Any, Any, Any]":
    found = model._default_manager.order_by("position", "pk")
    return models.Prefetch(name, found.select_related(*related) if related else found)


def _latest_versions(templates: Iterable[ProgramTemplate]) -> dict[object, ProgramVersion]:
    found = ProgramVersion.objects.filter(template__in=[template.pk for template in templates]).order_by("number")
    found = found.prefetch_related(_in_order("phases", Phase), _in_order("phases__items", PhaseItem, "ladder"))
    return {version.template_id: version for version in found}


def _other_values(row: models.Model, values: Mapping[str, Any]) -> list[str]:
    """The names of the fields that say something else; of entries kept together, the names of those."""
    found = [name for name, value in values.items() if getattr(row, name) != value]
    told = [str(row._meta.get_field(name).verbose_name) for name in found if name != "details"]  # type: ignore[union-attr]
    if "details" in found:
        mine, theirs = row.details, values["details"]  # type: ignore[attr-defined]
        told += [key.replace("_", " ") for key in sorted({*mine, *theirs}) if mine.get(key) != theirs.get(key)]
    return told


def _other_ladder(ladder: Ladder, entry: LadderEntry) -> Iterator[str]:
    yield from _other_values(ladder, entry.values)
    mine = {level.code: level for level in ladder.levels.all()}
    theirs = {level.code: level for level in entry.levels}
    for code in sorted({*mine, *theirs}):
        if code not in theirs:
            yield _("%(level)s goes") % {"level": code}
        elif code not in mine:
            yield _("%(level)s is new") % {"level": code}
        elif what := _other_values(mine[code], _with_own_picture(mine[code], theirs[code].values)):
            yield f"{code}: {', '.join(what)}"


def _other_version(version: ProgramVersion, entry: TemplateEntry) -> Iterator[str]:
    yield from _other_values(version, entry.values)
    phases = list(version.phases.all())
    if len(phases) != len(entry.phases):
        yield _("phases")
    for phase, part in zip(phases, entry.phases, strict=False):
        what = _other_values(phase, part.values)
        mine = [(item.ladder.code, item.start_code, item.cap_code, item.from_day) for item in phase.items.all()]
        theirs = [
            (item.ladder, item.values["start_code"], item.values["cap_code"], item.values["from_day"])
            for item in part.items
        ]
        if mine != theirs:
            what.append(_("exercises"))
        if what:
            yield f"{phase.name}: {', '.join(what)}"


def publish_new(clinic: Clinic, *, actor: User | None, now: datetime) -> list[ProgramVersion]:
    """Publish the first draft of every template of `clinic` that was never published. Raises as `publish_version`."""
    drafts = ProgramVersion.objects.of(clinic).filter(number=1, state=ProgramVersion.State.DRAFT)
    note = _("First version, as it comes with the library.")
    return [
        publish_version(draft, change_note=note, actor=actor, now=now) for draft in drafts.order_by("template__code")
    ]
