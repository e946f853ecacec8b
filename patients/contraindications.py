"""What a patient must not be given now, or do any more, and why. Unknown counts as positive: nobody has looked."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from clinic.refusals import Refused
from patients.contraindication_words import for_staff
from patients.models import Episode, GateRecord, ProgramItem
from patients.models.assignment import ONE_SIDE
from patients.models.episode import Slump
from programs.models import Gate, Ladder, LadderVersion, LevelVersion, ProgramVersion
from programs.nerve import POSITIVE, UNKNOWN, needs_a_quiet_nerve


class Contraindicated(Refused):
    """Names every ladder that is blocked, with the reason."""


@dataclass(frozen=True)
class Record:
    """What is known about an episode when a ladder is asked for: read once, asked many times."""

    episode: Episode
    gates: Collection[str]
    running: Collection[str]  # codes of the ladders on the current program
    reached: Collection[str]  # codes of all levels at or below the highest one reached on each ladder


def record_of(episode: Episode) -> Record:
    items = list(
        ProgramItem.objects.filter(program__patient=episode.patient_id).select_related("ladder_version", "level")
    )
    below = models.Q(pk__in=[])
    for ladder_version, position in _highest(items):
        below |= models.Q(ladder_version=ladder_version, position__lte=position)
    return Record(
        episode=episode,
        gates=set(GateRecord.objects.met().filter(episode=episode).values_list("code", flat=True)),
        running={item.ladder_version.code for item in items if item.ended_on is None},
        reached=set(LevelVersion.objects.filter(below).values_list("code", flat=True)),
    )


def _highest(items: Iterable[ProgramItem]) -> Iterable[tuple[UUID, int]]:
    """Ladder version and position of the level reached on it. What one side reached alone is not reached yet."""
    alone: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(ONE_SIDE, 0))
    for item in items:
        if item.apart:
            sides = alone[item.ladder_version_id]
            sides[item.side] = max(sides[item.side], item.level.position)
        else:
            yield item.ladder_version_id, item.level.position
    yield from ((ladder_version, min(sides.values())) for ladder_version, sides in alone.items())


def check_ladder(
    episode: Episode, ladder: LadderVersion, *, level: LevelVersion | None = None, record: Record
) -> list[str]:
    """The reasons, in plain words, why `ladder` is blocked now, or why it is at `level`; empty if it may be given."""
    content = ladder.content
    reasons = [for_staff(code) for code in ruling_out(episode, ladder, level)]
    if "hinge_3_points_not_met" in content["contraindications"] and "hinge_3_points" not in record.gates:
        reasons.append(_missing_gate("hinge_3_points", episode))
    reasons += [
        _("%(ladder)s is running, and must not be combined with it") % {"ladder": code}
        for code in sorted(blocking(ladder, record.running))
    ]
    return [*dict.fromkeys(reasons + _unmet(content.get("requires") or {}, record))]


def ruling_out(episode: Episode, ladder: LadderVersion, level: LevelVersion | None = None) -> list[str]:
    """Codes of what has been found in the episode that rules `ladder` out, or `level` of it. Asks no query."""
    listed = (level or ladder).content["contraindications"]
    nerve = _nerve_sign(episode) if needs_a_quiet_nerve(ladder.kind, listed) else ""
    found = [code for code in listed if code in episode.contraindications]
    return [*filter(None, [nerve]), *(code for code in found if f"{ladder.code}:{code}" not in episode.exempt)]


def excepted(item: ProgramItem) -> list[str]:
    """Codes that would rule a running exercise out, had a licensed therapist not made an exception. Asks no query."""
    found = [code for code in item.level.content["contraindications"] if code in item.episode.contraindications]
    return [code for code in found if f"{item.ladder_version.code}:{code}" in item.episode.exempt]


def ruled_out(item: ProgramItem) -> list[str]:
    """Codes of what rules a running exercise out now, whatever was known when it was assigned. Asks no query.

    Give an item with its episode, ladder version and level loaded.
    """
    return ruling_out(item.episode, item.ladder_version, item.level)


def blocking(ladder: LadderVersion, running: Collection[str]) -> set[str]:
    """Codes of running ladders that exclude this one: either of the two names the other.

    As `active XYZ ladder` among its contraindications, or in `blocks`.
    """
    others = Ladder.objects.filter(clinic=ladder.clinic_id, code__in=running)
    return {
        code
        for code, blocks, named in others.values_list("code", "blocks", "contraindications")
        if ladder.code in blocks
        or code in ladder.content["blocks"]
        or f"active {code} ladder" in ladder.content["contraindications"]
        or f"active {ladder.code} ladder" in named
    }


def check_entry(episode: Episode, version: ProgramVersion, *, path: str, record: Record) -> list[str]:
    """Why a template is not for this episode: its slump condition, its gates, and what it excludes."""
    entry = dict(version.entry)
    if path:
        entry |= version.paths[path].get("when", {})
    reasons = []
    wanted = entry.get("screen", {}).get("SLUMP")
    if wanted and not _slump_fits(wanted, episode):
        reasons.append(
            _("this program is for a slump screen that says “%(wanted)s”; recorded is “%(is)s”")
            % {"wanted": wanted.replace("_", " "), "is": episode.get_slump_display()}
        )
    reasons += [_missing_gate(code, episode) for code in entry.get("gates", []) if code not in record.gates]
    reasons += [for_staff(code) for code in entry.get("exclude", []) if code in episode.contraindications]
    return reasons


def _slump_fits(wanted: str, episode: Episode) -> bool:
    if wanted == "unchanged_or_not_done_and_no_leg_tingling":
        quiet = episode.slump == Slump.NOT_DONE and episode.leg_tingling is False
        return episode.slump == Slump.UNCHANGED or quiet
    return bool(episode.slump == wanted)


def _nerve_sign(episode: Episode) -> str:
    """What the nerve screen of the episode says against a held stretch; empty where somebody looked and found none."""
    if episode.slump == Slump.EASES or episode.leg_tingling:
        return POSITIVE
    return "" if episode.nerve_signs_excluded else UNKNOWN


def _unmet(requires: dict[str, Any], record: Record) -> list[str]:
    """Prerequisites of a ladder: gates, a level reached on another ladder, or any of several."""
    reasons: list[str] = []
    gates = requires.get("gates") or ([requires["gate"]] if "gate" in requires else [])
    reasons += [_missing_gate(code, record.episode) for code in gates if code not in record.gates]
    if "ladder_level" in requires and requires["ladder_level"] not in record.reached:
        reasons.append(_("%(level)s comes first") % {"level": requires["ladder_level"]})
    if "equipment" in requires and requires["equipment"] not in record.episode.patient.equipment:
        reasons.append(_("needs %(what)s at home") % {"what": str(requires["equipment"]).replace("_", " ")})
    options = requires.get("any_of") or []
    if options and all(_unmet(option, record) for option in options):
        levels = _(" or ").join(option["ladder_level"] for option in options)
        reasons.append(_("%(level)s comes first") % {"level": levels})
    return reasons


def _missing_gate(code: str, episode: Episode) -> str:
    gate = Gate.objects.filter(clinic=episode.patient.clinic_id, code=code).first()
    return _("not recorded yet: “%(gate)s”") % {"gate": gate.text if gate else code}
