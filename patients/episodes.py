"""Episodes of care: opened for a problem, closed by discharge."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients.examinations import keep_examination
from patients.models import Episode, Patient, Program, ProgramEvent, ProgramItem, Proposal


@transaction.atomic
def open_episode(
    patient: Patient,
    *,
    reason: str,
    region: str,
    side: str,
    usual_pain: int,
    slump: str = "not_done",
    leg_tingling: bool | None = None,
    contraindications: Sequence[str] = (),
    actor: User | None,
    now: datetime,
) -> Episode:
    """Open an episode. `usual_pain` (0 to 10) is what this person lives with: every limit is judged against it.

    A patient may have several open episodes (two problems). Raises Refused naming the field.
    """
    errors = {}
    if not reason.strip():
        errors["reason"] = _("Say in a few words what this episode is about.")
    if not 0 <= usual_pain <= 10:
        errors["usual_pain"] = _("Usual pain %(pain)s: pain goes from 0 to 10.") % {"pain": usual_pain}
    if errors:
        raise Refused(_("The episode was not opened."), errors)
    episode = Episode.objects.create(
        patient=patient,
        reason=reason.strip(),
        region=region,
        side=side,
        usual_pain=usual_pain,
        slump=slump,
        leg_tingling=leg_tingling,
        contraindications=list(contraindications),
        started_on=local_date(now, patient.zone),
        created_by=actor,
    )
    audit.note("open", episode, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    keep_examination(episode, note="", actor=actor, now=now)
    return episode


@transaction.atomic
def discharge(
    episode: Episode, *, summary: str, reason: str = "discharged", actor: User | None, now: datetime
) -> Episode:
    """Close the episode and end its exercises. Logs, flags and decisions stay; a return is a new episode.

    Open flags stay open: a person still has to follow them up. Raises Refused if it is closed already.
    """
    today = local_date(now, episode.patient.zone)
    closed = Episode.objects.filter(pk=episode.pk, ended_on=None).update(
        ended_on=today, ended_by=actor, summary=summary.strip()
    )
    if not closed:
        raise Refused(_("This episode is closed already."))
    items = ProgramItem.objects.filter(episode=episode, ended_on=None)
    Proposal.objects.filter(item__in=items).withdraw(actor=actor, now=now)
    items.update(ended_on=today, ended_reason=reason)
    for program in Program.objects.filter(patient=episode.patient_id, ended_on=None):
        if not program.items.filter(ended_on=None).exists():
            program.ended_on, program.ended_reason = today, reason
            program.save(update_fields=["ended_on", "ended_reason"])
            ProgramEvent.objects.create(
                program=program, kind="end", from_state="active", to_state="ended", actor=actor, at=now, note=reason
            )
    audit.note(
        "discharge", episode, clinic=episode.patient.clinic_id, actor=actor, now=now, patient_id=episode.patient_id
    )
    episode.refresh_from_db()
    return episode
