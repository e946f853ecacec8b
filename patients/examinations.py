"""Examining a patient again: what is found counts from then on, for what may be assigned and for what runs already."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from patients.contraindication_words import for_staff
from patients.contraindications import ruled_out, ruling_out
from patients.gates import record_gate, revoke_gate
from patients.models import Episode, Examination, ProgramEvent, ProgramItem
from patients.models.episode import Slump

SLUMP_DONE = "slump_screen_done"
RULED_OUT, ALLOWED_AGAIN = "ruled_out", "allowed_again"  # kinds of ProgramEvent


@transaction.atomic
def examine(
    episode: Episode,
    *,
    slump: str,
    leg_tingling: bool | None,
    contraindications: Sequence[str] | None = None,
    note: str = "",
    actor: User | None,
    now: datetime,
) -> list[ProgramEvent]:
    """Keep a new nerve screen and new answers about what rules exercises out (None: as before). The latest count.

    Gives an event for each running exercise that is ruled out by it, or allowed again. Earlier examinations stay.
    Raises Refused for a closed episode, and for a result nobody knows.
    """
    episode = Episode.objects.select_for_update(of=("self",)).select_related("patient").get(pk=episode.pk)
    if episode.ended_on is not None:
        raise Refused(_("This episode is closed: open a new one for a return."))
    if slump not in Slump.values:
        raise Refused(_("Nothing was recorded."), {"slump": _("Choose one of the results.")})
    items = list(ProgramItem.objects.current().filter(episode=episode).select_related("ladder_version", "level"))
    before = {item.pk: set(ruled_out(_under(item, episode))) for item in items}
    episode.slump, episode.leg_tingling = slump, leg_tingling
    if contraindications is not None:
        episode.contraindications = list(contraindications)
    episode.save(update_fields=["slump", "leg_tingling", "contraindications"])
    revoke_gate(episode, SLUMP_DONE, actor=actor, now=now)
    keep_examination(episode, note=note, actor=actor, now=now)
    return _tell(items, episode, before, actor=actor, now=now)


def keep_examination(episode: Episode, *, note: str, actor: User | None, now: datetime) -> Examination:
    """Write down what the episode says now, by whom and when; a slump screen that was done is a gate met."""
    made = Examination.objects.create(
        patient=episode.patient,
        episode=episode,
        slump=episode.slump,
        leg_tingling=episode.leg_tingling,
        contraindications=episode.contraindications,
        note=note.strip(),
        recorded_at=now,
        recorded_by=actor,
    )
    clinic = episode.patient.clinic_id
    audit.note("examine", made, clinic=clinic, actor=actor, now=now, patient_id=episode.patient_id)
    if episode.slump != Slump.NOT_DONE:
        record_gate(episode, SLUMP_DONE, value=episode.slump, actor=actor, now=now)
    return made


def ruled_out_since(item: ProgramItem) -> datetime | None:
    """When the exercise was first found to be ruled out, of the examinations that have said so ever since.

    None where no examination says so.
    """
    since = None
    for made in Examination.objects.filter(episode=item.episode_id).order_by("-recorded_at", "-pk"):
        then = Episode(slump=made.slump, leg_tingling=made.leg_tingling, contraindications=made.contraindications)
        if not ruling_out(then, item.ladder_version, item.level):
            break
        since = made.recorded_at
    return since


def _under(item: ProgramItem, episode: Episode) -> ProgramItem:
    item.episode = episode
    return item


def _tell(
    items: Iterable[ProgramItem], episode: Episode, before: dict[UUID, set[str]], *, actor: User | None, now: datetime
) -> list[ProgramEvent]:
    """An event where an exercise that runs is ruled out from now on, or no more."""
    events = []
    for item in items:
        was, is_now = bool(before[item.pk]), ruled_out(_under(item, episode))
        if was == bool(is_now):
            continue
        events.append(
            ProgramEvent(
                program_id=item.program_id,
                item=item,
                kind=RULED_OUT if is_now else ALLOWED_AGAIN,
                actor=actor,
                at=now,
                note=", ".join(map(for_staff, is_now)),
            )
        )
    return ProgramEvent.objects.bulk_create(events)
