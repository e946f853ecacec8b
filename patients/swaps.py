"""One exercise in place of another, in one act: nobody is left without either.

Where the library calls two levels equal, the new exercise takes the old one's place on the same line: what was logged
before stands beside what is logged now, and the patient may swap without asking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding, ledger
from patients.contraindications import Contraindicated, Record, check_ladder, record_of, ruled_out
from patients.equipment import owned_by
from patients.models import Episode, ProgramItem, Proposal
from patients.program_items import locked_item, record_event
from patients.sides import sides_of
from programs.dose import as_json, dose_of
from programs.equipment import lacking
from programs.models import LadderVersion, LevelVersion


@dataclass(frozen=True)
class Equal:
    """A level that the library calls equal to the present one, and what stands against it for this patient."""

    ladder: LadderVersion
    level: LevelVersion
    lacks: Sequence[str]  # codes of equipment
    blocked: Sequence[str]  # reasons, in the words of staff

    @property
    def is_open(self) -> bool:
        return not self.lacks and not self.blocked


def substitutes(item: ProgramItem) -> list[LadderVersion]:
    """The newest version of every ladder of the clinic that the patient is not doing, those for the same area first.

    Whether one is ruled out for this person is asked when it is chosen. Two queries, whatever the number.
    """
    running = ProgramItem.objects.filter(program=item.program_id, ended_on=None).values("ladder_version__ladder")
    versions = LadderVersion.objects.filter(clinic=item.ladder_version.clinic_id, ladder__retired_at=None)
    newest = {one.ladder_id: one for one in versions.exclude(ladder__in=running).defer("content").order_by("number")}
    return sorted(newest.values(), key=lambda one: (one.region != item.region, one.title))


def equal_codes(item: ProgramItem) -> list[str]:
    """Codes of the levels that the library calls equal to the one an exercise is on."""
    return list(item.level.content["details"].get("equal", []))


def may_swap(item: ProgramItem) -> bool:
    """Whether a patient may look for an equal exercise: nobody has stopped, paused, fixed or parted this one."""
    decided = item.stopped_by_id or item.override or item.apart or ruled_out(item)
    return bool(equal_codes(item)) and not decided


def equals(item: ProgramItem) -> list[Equal]:
    """The equal levels on ladders the patient is not doing. Give the item with its episode and its patient loaded."""
    wanted = equal_codes(item)
    if not wanted:
        return []
    record = _record_without(item)
    owned = owned_by(item.program.patient)
    ladders = {one.pk: one for one in substitutes(item)}
    levels = LevelVersion.objects.filter(ladder_version__in=ladders, code__in=wanted).select_related("ladder_version")
    return [
        Equal(level.ladder_version, level, lacking(level, owned), _against(level, record))
        for level in sorted(levels, key=lambda level: wanted.index(level.code))
    ]


@transaction.atomic
def swap(item: ProgramItem, code: str, *, reason: str, actor: User, now: datetime) -> ProgramItem:
    """End `item` and start the ladder `code` in its place, on the level reached before or on the lowest; gives it.

    On the level the library calls equal to the old one, where it has one: the two are one line then. What holds the
    area or the plan holds the new exercise too; a side on its own gives way to the new one together with the other.
    Raises Contraindicated or Refused for `substitute`.
    """
    ladder = next((one for one in substitutes(item) if one.code == code), None)
    if ladder is None:
        raise Refused(_("Nothing was swapped."), {"substitute": _("Choose the exercise that takes its place.")})
    item = _not_ended(sides_of(item)[0] if item.apart else item)
    record = _record_without(item)
    levels = list(ladder.levels.select_related("ladder_version").order_by("position"))
    equal = next((level for level in levels if level.code in equal_codes(item)), None)
    reached = [level for level in levels if level.code in record.reached]
    level = equal or (reached or levels[:1])[-1]
    if why := _against(level, record):
        text = _("%(ladder)s is ruled out: %(why)s.") % {"ladder": ladder.title, "why": ", ".join(why)}
        raise Contraindicated(_("Nothing was swapped."), {"substitute": text})
    return _exchange(item, level, on_one_line=equal is not None, reason=reason, actor=actor, now=now)


@transaction.atomic
def swap_for_equal(item: ProgramItem, level_code: str, *, actor: User, now: datetime) -> ProgramItem:
    """The patient's own swap, for an exercise the library calls equal and whose equipment is there; gives the new one.

    Raises Refused, in the patient's words, where somebody has stopped, paused or fixed the exercise, where a thing is
    missing, and where the other one is not for this person.
    """
    item = _not_ended(item)
    if not may_swap(item):
        raise Refused(_("Nothing was swapped: your clinic decides about this exercise. Ask them."))
    found = next((one for one in equals(item) if one.level.code == level_code), None)
    if found is None:
        raise Refused(_("Nothing was swapped: this exercise is no equal of yours now. Reload the page."))
    if not found.is_open:
        raise Refused(_("Nothing was swapped: this exercise is not for you at the moment. Ask your clinic."))
    reason = _("Chosen by the patient: an equal exercise.")
    return _exchange(item, found.level, on_one_line=True, own=True, reason=reason, actor=actor, now=now)


def _not_ended(item: ProgramItem) -> ProgramItem:
    item = locked_item(item)
    if item.ended_on is not None:
        raise Refused(_("Nothing was swapped."), {"effect": _("This exercise has ended: choose another effect.")})
    return item


def _record_without(item: ProgramItem) -> Record:
    """What is known of the episode, as if the exercise that goes were gone already."""
    episode = Episode.objects.select_related("patient").get(pk=item.episode_id)
    record = record_of(episode)
    left = [code for code in record.running if code != item.ladder_version.code]
    return Record(episode=episode, gates=record.gates, running=left, reached=record.reached)


def _against(level: LevelVersion, record: Record) -> list[str]:
    gates = [code for code in level.content["requires_gates"] if code not in record.gates]
    missing = [_("not recorded yet: “%(gate)s”") % {"gate": code.replace("_", " ")} for code in gates]
    return [*check_ladder(record.episode, level.ladder_version, level=level, record=record), *missing]


def _exchange(
    item: ProgramItem,
    level: LevelVersion,
    *,
    on_one_line: bool,
    own: bool = False,
    reason: str,
    actor: User,
    now: datetime,
) -> ProgramItem:
    patient = item.program.patient
    today = local_date(now, patient.zone)
    before = item.level.code
    names = {"old": capfirst(item.level.name), "new": level.name}
    words = _("“%(old)s” gave way to “%(new)s”. %(why)s") % {**names, "why": reason}
    old = sides_of(item) if item.apart else [item]
    for one in old:
        one.ended_on, one.ended_reason, one.stopped_by = today, "swap", None
        ledger.record_person(one, "swap", before, level.ladder_version.code, reason=words, actor=actor, now=now)
        one.save()
    Proposal.objects.filter(item__in=old).withdraw(actor=actor, now=now)
    new = ProgramItem(
        program_id=item.program_id,
        episode_id=item.episode_id,
        position=item.position,
        ladder_version=level.ladder_version,
        level=level,
        region=level.ladder_version.region,
        side=item.episode.side if item.apart else item.side,
        dose=as_json(dose_of(level)),
        level_since=today,
        starts_on=today,
        approval=item.approval,
        by_hand=item.by_hand,
    )
    if on_one_line:
        _carry_over(item, new)
    new.stopped_by = holding.widest(holding.open_over(patient), new)
    new.save()
    data = {**names, "own": own}
    record_event(item.program, new, "swap", before, level.code, actor=actor, now=now, note=reason, data=data)
    return new


def _carry_over(old: ProgramItem, new: ProgramItem) -> None:
    """An equal exercise goes on where the other stopped, on one line and with its limits; counting starts again.

    Where the old one had a cap, it climbs up to the highest level that is equal to one below that cap.
    """
    new.first_id = old.line_id
    state = ledger.fresh_state(old)
    new.state, new.limits = {key: state[key] for key in ("memory", "scores") if key in state}, old.limits
    if old.cap is not None:
        below = old.ladder_version.levels.filter(position__lte=old.cap.position)
        codes = {code for level in below for code in level.content["details"].get("equal", [])}
        tops = [level for level in new.ladder_version.levels.all() if level.code in codes | {new.level.code}]
        new.cap = max(tops, key=lambda level: level.position)
