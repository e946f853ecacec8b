"""A second version of a template, as a trainer makes it: what differs is given, the rest is as before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from programs.models import Ladder, ProgramVersion
from programs.publishing import draft_from, publish_version
from tests.factories.people import NOW

QUIET_NERVE = {"screen": {"SLUMP": "unchanged"}}
NOTE = "Fewer repetitions to begin with: people did too much in the first week."


def a_newer_version(
    version: ProgramVersion,
    *,
    levels: Mapping[str, Mapping[str, Any]] | None = None,
    adds: tuple[str, ...] = (),
    drops: tuple[str, ...] = (),
    caps: Mapping[str, str] | None = None,
    entry: Mapping[str, Any] | None = None,
    note: str = NOTE,
    now: datetime = NOW,
) -> ProgramVersion:
    """`levels`: level code → new numbers. `adds`, `drops` and `caps` name ladders of the first phase.

    `entry`: who may begin; a held stretch is published only for those whose nerve was found quiet (`QUIET_NERVE`).
    """
    draft = draft_from(version, actor=None, now=now)
    clinic = version.template.clinic_id
    for code, numbers in (levels or {}).items():
        Ladder.objects.get(clinic=clinic, code=code.rpartition("-")[0]).levels.filter(code=code).update(**numbers)
    first = draft.phases.order_by("position").first()
    assert first is not None
    first.items.filter(ladder__code__in=drops).delete()
    for place, code in enumerate(adds, start=10):
        ladder = Ladder.objects.get(clinic=clinic, code=code)
        first.items.create(position=place, ladder=ladder, start_code=f"{code}-1", cap_code="")
    for code, cap in (caps or {}).items():
        first.items.filter(ladder__code=code).update(cap_code=cap)
    if entry is not None:
        draft.entry = dict(entry)
        draft.save()
    return publish_version(draft, change_note=note, actor=None, now=now)
