"""The one act of the program builder: a draft becomes, or joins, what the patient does."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding
from patients.assignments import AlreadyRunning, look_again_on
from patients.contraindications import Contraindicated
from patients.draft_checks import Plan, judge
from patients.models import Program, ProgramDraft, ProgramEvent
from programs.models.template import PainPolicy


class ChangedMeanwhile(Refused):
    """Somebody else has changed what the patient does since this page was opened."""


class NotReady(Refused):
    """Something in the draft stands against it: `errors` name the line and what is wrong."""


@transaction.atomic
def assign_draft(draft: ProgramDraft, *, seen: str, actor: User | None, now: datetime) -> Program:
    """Start the program a draft describes today, or let its exercises join the one that runs. The draft is gone then.

    `seen` is the fingerprint of what ran when the page was drawn. Raises NotReady and Contraindicated naming each line,
    ChangedMeanwhile where somebody else was quicker, AlreadyRunning where two press at once.
    """
    patient = draft.patient
    Program.objects.select_for_update().filter(patient=patient, ended_on=None).first()
    judged = judge(draft, now=now)
    if judged.seen != seen:
        text = _("Somebody else has just changed what this patient does. Nothing was assigned: look again below.")
        raise ChangedMeanwhile(text)
    _refuse(judged)
    program = judged.program or _start(judged, actor=actor, now=now)
    holds = holding.open_over(patient)
    for line in judged.lines:
        line.item.program = program
        line.item.stopped_by = holding.widest(holds, line.item)  # a new one does not slip out from under what is held
        line.item.save()
    ProgramEvent.objects.create(
        program=program,
        kind="join" if judged.program else "assign",
        to_state="active",
        actor=actor,
        at=now,
        data=_told(judged),
    )
    audit.note("assign", program, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    draft.delete()
    return program


def _refuse(judged: Plan) -> None:
    if not judged.lines:
        raise NotReady(_("There is no exercise to assign yet."))
    blocked = {line.key: f"{line.ladder.title}: {', '.join(line.blocked)}" for line in judged.lines if line.blocked}
    if blocked:
        raise Contraindicated(_("Nothing was assigned. %(why)s.") % {"why": "; ".join(blocked.values())}, blocked)
    wrong = {line.key: f"{line.level.name}: {' '.join(line.errors.values())}" for line in judged.lines if line.errors}
    if wrong or judged.stops:
        why = " ".join([*judged.stops, *wrong.values()])
        raise NotReady(_("Nothing was assigned. %(why)s") % {"why": why}, wrong)


def _start(judged: Plan, *, actor: User | None, now: datetime) -> Program:
    draft, patient = judged.draft, judged.draft.patient
    today = local_date(now, patient.zone)
    try:
        with transaction.atomic():
            return Program.objects.create(
                patient=patient,
                episode=draft.episode if draft.version and draft.episode else judged.lines[0].item.episode,
                version=draft.version,
                phase=judged.phase,
                phase_started_on=today,
                review_due=look_again_on(judged.phase, today) if judged.phase else None,
                path=draft.path,
                pain_policy=draft.pain_policy if draft.pain_policy in PainPolicy.values else PainPolicy.MONITORED,
                started_on=today,
                assigned_by=actor,
                assigned_at=now,
            )
    except IntegrityError:
        raise AlreadyRunning(_("Somebody else has just assigned a program to this patient.")) from None


def _told(judged: Plan) -> dict[str, object]:
    version = judged.draft.version
    pinned = {"template": version.template.code, "version": version.number} if version else {}
    return pinned | {"levels": [line.level.code for line in judged.lines]}
