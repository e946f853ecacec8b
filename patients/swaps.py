"""One exercise in place of another, in one act: nobody is left without either."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding, ledger
from patients.assignments import locked_item
from patients.contraindications import Contraindicated, check_ladder, record_of
from patients.models import Episode, ProgramEvent, ProgramItem
from programs.dose import as_json, dose_of
from programs.models import LadderVersion


def substitutes(item: ProgramItem) -> list[LadderVersion]:
    """The newest version of every ladder of the clinic that the patient is not doing, those for the same area first.

    Whether one is ruled out for this person is asked when it is chosen. Two queries, whatever the number.
    """
    running = ProgramItem.objects.filter(program=item.program_id, ended_on=None).values("ladder_version__ladder")
    versions = LadderVersion.objects.filter(clinic=item.ladder_version.clinic_id, ladder__retired_at=None)
    newest = {one.ladder_id: one for one in versions.exclude(ladder__in=running).defer("content").order_by("number")}
    return sorted(newest.values(), key=lambda one: (one.region != item.region, one.title))


@transaction.atomic
def swap(item: ProgramItem, code: str, *, reason: str, actor: User, now: datetime) -> ProgramItem:
    """End `item` and start the ladder `code` in its place, on the level reached before or on the lowest; gives it.

    What holds the area or the plan holds the new exercise too. Raises Contraindicated or Refused for `substitute`.
    """
    ladder = next((one for one in substitutes(item) if one.code == code), None)
    if ladder is None:
        raise Refused(_("Nothing was swapped."), {"substitute": _("Choose the exercise that takes its place.")})
    item = locked_item(item)
    if item.ended_on is not None:
        raise Refused(_("Nothing was swapped."), {"effect": _("This exercise has ended: choose another effect.")})
    patient = item.program.patient
    today = local_date(now, patient.zone)
    before = item.level.code
    item.ended_on, item.ended_reason, item.stopped_by = today, "swap", None
    ledger.record_person(item, "swap", before, code, reason=reason, actor=actor, now=now)
    item.save()
    new = _start(item, ladder, now=now)
    ProgramEvent.objects.create(
        program=item.program,
        item=new,
        kind="swap",
        from_state=before,
        to_state=new.level.code,
        actor=actor,
        at=now,
        note=reason,
    )
    audit.note("swap", new, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return new


def _start(old: ProgramItem, ladder: LadderVersion, *, now: datetime) -> ProgramItem:
    episode = Episode.objects.select_related("patient").get(pk=old.episode_id)
    record = record_of(episode)
    levels = list(ladder.levels.order_by("position"))
    reached = [level for level in levels if level.code in record.reached]
    level = (reached or levels[:1])[-1]
    if why := check_ladder(episode, ladder, level=level, record=record):
        text = _("%(ladder)s is ruled out: %(why)s.") % {"ladder": ladder.title, "why": ", ".join(why)}
        raise Contraindicated(_("Nothing was swapped."), {"substitute": text})
    today = local_date(now, episode.patient.zone)
    new = ProgramItem(
        program_id=old.program_id,
        episode=episode,
        position=old.position,
        ladder_version=ladder,
        level=level,
        region=ladder.region,
        side=old.side,
        dose=as_json(dose_of(level)),
        level_since=today,
        starts_on=today,
        approval=old.approval,
    )
    new.stopped_by = holding.widest(holding.open_over(episode.patient), new)
    new.save()
    return new
