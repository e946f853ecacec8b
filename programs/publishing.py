"""From draft to published version and on to retirement. Published is frozen: a change is a new version."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from programs.lint import Finding, lint
from programs.models import (
    Ladder,
    LadderVersion,
    Level,
    LevelVersion,
    Phase,
    PhaseItem,
    ProgramTemplate,
    ProgramVersion,
)

__all__ = [
    "BrokenDraft",
    "DraftExists",
    "Finding",
    "NeedsChangeNote",
    "NotADraft",
    "NotPublished",
    "copy_of",
    "draft_from",
    "freeze_ladder",
    "freeze_ladders",
    "lint",
    "publish_version",
    "retire",
]

LADDER_CONTENT = (
    "target",
    "setup",
    "movement",
    "how",
    "cues",
    "mistakes",
    "precautions",
    "contraindications",
    "adjustments",
    "equipment",
    "requires",
    "blocks",
    "lighter",
    "details",
    "sources",
)
LEVEL_CONTENT = tuple(
    field.name
    for field in Level._meta.concrete_fields
    if field.name not in ("id", "ladder", "code", "position", "name")
)
VERSION_COPY = (
    "title",
    "for_whom",
    "entry",
    "pain_policy",
    "max_active_items",
    "blocked_ladders",
    "education",
    "paths",
)
PHASE_COPY = ("position", "name", "path", "day_from", "day_to", "choose_max", "exit")
ITEM_COPY = ("position", "ladder_id", "start_code", "cap_code", "from_day")


class NotADraft(Refused):
    """The version was published or retired before."""


class NotPublished(Refused):
    """Only a published version can be retired."""


class NeedsChangeNote(Refused):
    """Whoever moves a patient to this version wants to know what changed."""


class BrokenDraft(Refused):
    """Lint found errors: `findings` holds them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = findings
        super().__init__(_("Not published. %(findings)s") % {"findings": " ".join(str(one) for one in findings)})


class DraftExists(Refused):
    """A template has one draft at a time, so that two trainers do not work past each other."""


# Freezing ladders


def freeze_ladder(ladder: Ladder, *, now: datetime) -> LadderVersion:
    """The frozen copy of `ladder` with its levels as they are now; an earlier one of the same content is used again."""
    return freeze_ladders([ladder], now=now)[ladder.pk]


@transaction.atomic
def freeze_ladders(ladders: Iterable[Ladder], *, now: datetime) -> dict[UUID, LadderVersion]:
    """As `freeze_ladder`, for many at once: ladder id → frozen copy."""
    ids = {ladder.pk for ladder in ladders}
    # The lock keeps two publications from giving out the same number.
    rows = list(Ladder.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    levels: dict[UUID, list[Level]] = {pk: [] for pk in ids}
    for level in Level.objects.filter(ladder__in=ids).order_by("position", "pk"):
        levels[level.ladder_id].append(level)
    earlier: dict[UUID, list[LadderVersion]] = {pk: [] for pk in ids}
    for version in LadderVersion.objects.filter(ladder__in=ids).defer("content"):
        earlier[version.ladder_id].append(version)
    frozen, new, rungs = {}, [], []
    for ladder in rows:
        copy, copied_levels = copy_of(ladder, levels[ladder.pk])
        known = next((version for version in earlier[ladder.pk] if version.digest == copy.digest), None)
        if known is None:
            copy.number = max((version.number for version in earlier[ladder.pk]), default=0) + 1
            copy.frozen_at = now
            new.append(copy)
            rungs += copied_levels
        frozen[ladder.pk] = known or copy
    LadderVersion.objects.bulk_create(new)
    LevelVersion.objects.bulk_create(rungs)
    return frozen


def copy_of(ladder: Ladder, levels: Sequence[Level]) -> tuple[LadderVersion, list[LevelVersion]]:
    """What freezing `ladder` with its `levels`, in order, would store; nothing is saved, and it has no number yet."""
    values = _ladder_values(ladder)
    parts = [_level_values(level, ladder, levels[:number]) for number, level in enumerate(levels, start=1)]
    copy = LadderVersion(
        clinic_id=ladder.clinic_id, ladder=ladder, digest=_digest({**values, "levels": parts}), **values
    )
    return copy, [LevelVersion(ladder_version=copy, **part) for part in parts]


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _ladder_values(ladder: Ladder) -> dict[str, Any]:
    content = {name: getattr(ladder, name) for name in LADDER_CONTENT}
    return {
        "code": ladder.code,
        "title": ladder.title,
        "kind": ladder.kind,
        "region": ladder.region,
        "content": content,
    }


def _level_values(level: Level, ladder: Ladder, up_to_here: Sequence[Level]) -> dict[str, Any]:
    """`up_to_here`: the ladder from its first level to this one, which is where its place comes from."""
    content = {name: getattr(level, name) for name in LEVEL_CONTENT}
    at = ladder.details.get("contraindications_at", {}).get(level.code, [])
    since = ladder.details.get("mistakes_from", {})
    content |= {
        "equipment": _unique(ladder.equipment.get("all", []), level.equipment),
        "lighter": ladder.lighter,
        "contraindications": _unique(ladder.contraindications, at),
        "mistakes": _unique(ladder.mistakes, *(since.get(lower.code, []) for lower in up_to_here)),
    }
    return {"code": level.code, "position": len(up_to_here), "name": level.name, "content": content}


def _unique(*lists: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for words in lists for word in words))


# Versions


@transaction.atomic
def publish_version(version: ProgramVersion, *, change_note: str, actor: User | None, now: datetime) -> ProgramVersion:
    """Freeze a draft for good: every exercise gets its ladder as it is now. Running programs keep theirs.

    Raises NeedsChangeNote, NotADraft, and BrokenDraft with every error that lint finds.
    """
    if not change_note.strip():
        why = _("Say what changed and why: therapists read it before they move a patient.")
        raise NeedsChangeNote(_("Nothing was published."), {"change_note": why})
    draft = ProgramVersion.objects.select_for_update().filter(pk=version.pk, state=ProgramVersion.State.DRAFT).first()
    if draft is None:
        raise NotADraft(_("Somebody has published this version already."))
    if errors := [finding for finding in lint(draft) if finding.is_error]:
        raise BrokenDraft(errors)
    items = list(PhaseItem.objects.filter(phase__version=draft).select_related("ladder"))
    frozen = freeze_ladders((item.ladder for item in items), now=now)
    for item in items:
        item.ladder_version = frozen[item.ladder_id]
    PhaseItem.objects.bulk_update(items, ["ladder_version"])
    _move(
        version,
        ProgramVersion.State.PUBLISHED,
        change_note=change_note.strip(),
        published_at=now,
        published_by=actor,
    )
    _note("publish_version", version, actor=actor, now=now)
    return version


@transaction.atomic
def retire(version: ProgramVersion, *, actor: User | None, now: datetime) -> ProgramVersion:
    """No new patient gets this version; programs that run on it go on. Twice is once. A draft raises NotPublished."""
    published = ProgramVersion.State.PUBLISHED
    current = ProgramVersion.objects.select_for_update().get(pk=version.pk)
    if current.state == ProgramVersion.State.DRAFT:
        raise NotPublished(_("This is a draft: it can be deleted, there is nothing to retire."))
    if current.state == published:
        _move(version, ProgramVersion.State.RETIRED)
        _note("retire_version", version, actor=actor, now=now)
    version.refresh_from_db()
    return version


@transaction.atomic
def draft_from(source: ProgramTemplate | ProgramVersion, *, actor: User | None, now: datetime) -> ProgramVersion:
    """A new draft with the next number, a copy of `source` (a template stands for its latest published version).

    A template without any version gets an empty draft. Exercises point at the ladders of today; they are frozen
    when the draft is published. Raises DraftExists.
    """
    template = source if isinstance(source, ProgramTemplate) else source.template
    ProgramTemplate.objects.select_for_update().get(pk=template.pk)
    original = _latest(source) if isinstance(source, ProgramTemplate) else source
    number = (template.versions.aggregate(most=models.Max("number"))["most"] or 0) + 1
    values = {name: getattr(original, name) for name in VERSION_COPY} if original else {"title": template.title}
    draft = ProgramVersion(template=template, number=number, **values)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        raise DraftExists(_("“%(title)s” has a draft already: work on that one.") % {"title": template.title}) from None
    if original:
        _copy_phases(original, draft)
    _note("draft_version", draft, actor=actor, now=now)
    return draft


def _latest(template: ProgramTemplate) -> ProgramVersion | None:
    versions = template.versions.order_by("-number")
    return versions.filter(state=ProgramVersion.State.PUBLISHED).first() or versions.first()


def _copy_phases(original: ProgramVersion, draft: ProgramVersion) -> None:
    phases, items = [], []
    for phase in original.phases.order_by("position", "pk").prefetch_related("items"):
        copy = Phase(version=draft, **{name: getattr(phase, name) for name in PHASE_COPY})
        phases.append(copy)
        items += [
            PhaseItem(phase=copy, **{name: getattr(item, name) for name in ITEM_COPY}) for item in phase.items.all()
        ]
    Phase.objects.bulk_create(phases)
    PhaseItem.objects.bulk_create(items)


def _move(version: ProgramVersion, state: str, **values: Any) -> None:
    """The one way a version changes its state: saving it by hand is refused by the model once it is frozen."""
    ProgramVersion.objects.filter(pk=version.pk).update(state=state, **values)
    version.refresh_from_db()


def _note(verb: str, version: ProgramVersion, *, actor: User | None, now: datetime) -> None:
    audit.note(verb, version, clinic=version.template.clinic_id, actor=actor, now=now)
