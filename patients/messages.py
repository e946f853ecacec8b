"""Messages between a patient and the clinic, read for watch words at the moment they are saved."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from patients import ledger
from patients.models import Episode, PainReport, Patient, PatientMessage
from programs.rulebook import current_rules
from programs.rules import watch_words

LONGEST = 4000


@transaction.atomic
def send_message(
    patient: Patient, body: str, *, from_clinic: bool, actor: User | None, now: datetime
) -> PatientMessage:
    """Keep a message. A patient's words are searched: a hit adds a look by a person and never decides anything."""
    text = body.strip()
    if not text:
        raise Refused(_("The message was not sent."), {"body": _("Write something first.")})
    if len(text) > LONGEST:
        fault = _("%(count)d characters: a message holds at most %(top)d.") % {"count": len(text), "top": LONGEST}
        raise Refused(_("The message was not sent."), {"body": fault})
    message = PatientMessage.objects.create(
        patient=patient, author=actor, from_clinic=from_clinic, body=text, sent_at=now
    )
    audit.note("send", message, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    found = () if from_clinic else watch_words(text, current_rules())
    if found:
        PainReport.objects.create(
            patient=patient,
            episode=Episode.objects.filter(patient=patient).order_by("-started_on").first(),
            kind=PainReport.Kind.TEXT,
            codes=[finding.code for finding in found],
            note=text,
            ruleset=ledger.ruleset(),
            reported_at=now,
            reported_by=actor,
        )
    return message


def asks_at_once(message: PatientMessage) -> bool:
    """Whether the words want the yes/no question about warning signs on the screen now (handbook 3.4)."""
    return any(finding.severity <= 2 for finding in watch_words(message.body, current_rules()))


def unread_from_clinic() -> Coalesce:
    """For a query of patients the reader may see: how many messages of the clinic each has not read yet."""
    unread = PatientMessage.objects.filter(patient=OuterRef("pk"), from_clinic=True, read_at=None).order_by()
    counted = unread.values("patient").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def mark_read(patient: Patient, *, by_clinic: bool, actor: User | None, now: datetime) -> int:
    """Mark the other side's messages as read; gives how many."""
    unread = PatientMessage.objects.filter(patient=patient, from_clinic=not by_clinic, read_at=None)
    return unread.update(read_at=now, read_by=actor)
