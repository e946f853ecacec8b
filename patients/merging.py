"""One person, two records: what hangs on the one moves to the other, and the emptied one leads there.

Nothing is deleted. The tables are found by walking the models, so that a new one moves without being told.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from clinic import audit
from clinic.models import Membership, User
from clinic.refusals import Refused
from patients.flag_steps import record_step
from patients.models import Consent, Identity, PainFlag, Patient, PatientEvent, Preferences, Program, Proxy
from patients.models.consent import ConsentKind
from patients.people import search_words

# Rows of which a person has one by nature: the kept record's stands, the other's stays with the closed record.
ONE_EACH = {"patients.Identity", "patients.Preferences", "reminders.Schedule"}
NAMES = {
    "patients.Allowance": _lazy("exceptions"),
    "patients.CalendarFeed": _lazy("addresses for a calendar"),
    "patients.EmergencyAccess": _lazy("openings in an emergency"),
    "patients.GateRecord": _lazy("gates"),
    "patients.NextDayQuestion": _lazy("next-day answers"),
    "patients.PainFlag": _lazy("flags"),
    "patients.PatientEvent": _lazy("notes of what happened to the record"),
    "patients.PatientMessage": _lazy("messages"),
    "patients.Proxy": _lazy("carers"),
    "reminders.Message": _lazy("mails"),
    "reminders.Subscription": _lazy("links to unsubscribe"),
}
FILLED = ("called", "email", "phone", "birth_date", "postcode", "emergency_contact")


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of one kind move, and how many stay, since the kept record has the same of the same day."""

    kind: str
    moving: int
    staying: int


def can_merge(membership: Membership | None) -> bool:
    return bool(membership and (membership.owner or (membership.therapist and membership.licensed)))


def preview(losing: Patient, kept: Patient) -> list[Moved]:
    """What would move, kind by kind; nothing is written."""
    found = []
    for model in moving_tables():
        total = model._base_manager.filter(patient=losing).count()
        moving = _free(model, losing, kept).count() if total else 0
        found.append(Moved(str(NAMES.get(model._meta.label, model._meta.verbose_name_plural)), moving, total - moving))
    return [one for one in found if one.moving or one.staying]


def consents_that_end(losing: Patient, kept: Patient) -> list[str]:
    """The consents that one record has and the other has withdrawn: the stricter word stands."""
    rows = list(Consent.objects.filter(patient__in=[losing, kept]).values_list("kind", "patient", "revoked_at"))
    standing = {(kind, patient) for kind, patient, revoked_at in rows if revoked_at is None}
    withdrawn = {(kind, patient) for kind, patient, _revoked_at in rows} - standing
    ending = {kind for kind, _patient in standing} & {kind for kind, _patient in withdrawn}
    return [kind for kind in ConsentKind.values if kind in ending]


def why_not(losing: Patient, kept: Patient) -> str:
    """What must be done first; empty if the two may be merged."""
    if losing.pk == kept.pk or losing.clinic_id != kept.clinic_id:
        return _("Choose another record of this clinic.")
    if losing.closed_at or kept.closed_at:
        return _("One of the two accounts is closed: only open ones are merged.")
    if Program.objects.active().filter(patient__in=[losing, kept]).count() > 1:
        return _("Both have a running program. End one first: discharge the patient from its episode.")
    if _signs_in(losing) and _signs_in(kept):
        return _(
            "Both have an e-mail address to sign in with. Ask which one is used, and take the other one out first."
        )
    return ""


def _signs_in(patient: Patient) -> bool:
    return bool(patient.user and patient.user.is_active)


@transaction.atomic
def merge(losing: Patient, *, into: Patient, reason: str, actor: User, now: datetime) -> Patient:
    """Make `losing` a closed alias of `into`, which has everything of both from now on.

    Of two flags about the same, the kept one takes the greater urgency and the other is closed as a duplicate. A
    consent withdrawn in either record is withdrawn. Raises Refused: two running programs, two sign-ins, no reason.
    """
    both = Patient.objects.select_for_update(of=("self",)).filter(pk__in=[losing.pk, into.pk]).order_by("pk")
    found = {one.pk: one for one in both.select_related("user", "identity")}
    losing, kept = found[losing.pk], found[into.pk]
    if refused := why_not(losing, kept):
        raise Refused(refused)
    if not reason.strip():
        raise Refused(_("Nothing was merged."), {"reason": _("Say how you know that this is one person.")})
    _settle_consents(losing, kept, actor=actor, now=now)
    _settle_carers(losing, kept, now=now)
    _settle_flags(losing, kept, actor=actor, now=now)
    for model in moving_tables():
        _free(model, losing, kept).update(patient=kept)
    _close(losing, kept, now=now)
    data = {"alias": str(losing.pk)}
    PatientEvent.objects.create(
        patient=kept, kind=PatientEvent.Kind.MERGE, actor=actor, at=now, note=reason.strip(), data=data
    )
    _complete(kept, losing)
    for one in (losing, kept):
        audit.note("merge", one, clinic=kept.clinic_id, actor=actor, now=now, patient_id=one.pk)
    return kept


def moving_tables() -> list[type[models.Model]]:
    """Every table whose rows name a patient and of which a patient may have several."""
    relations = Patient._meta.related_objects
    tables = [one.related_model for one in relations if one.field.name == "patient"]
    return [model for model in tables if isinstance(model, type) and model._meta.label not in ONE_EACH]


def _free(model: type[models.Model], losing: Patient, kept: Patient) -> "models.QuerySet[models.Model]":
    """The rows that may move: not those of which the kept record has one of the same key, as of the same day."""
    rows = model._base_manager.filter(patient=losing)
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint) and "patient" in rule.fields:
            same = {name: OuterRef(name) for name in rule.fields if name != "patient"}
            condition = rule.condition or models.Q()
            twins = Exists(model._base_manager.filter(condition, patient=kept, **same))
            rows = rows.exclude(condition, twins) if rule.condition else rows.exclude(twins)
    return rows


def _settle_consents(losing: Patient, kept: Patient, *, actor: User, now: datetime) -> None:
    ending = consents_that_end(losing, kept)
    theirs = Consent.objects.given().filter(patient__in=[losing, kept])
    twice = theirs.filter(patient=losing, kind__in=theirs.filter(patient=kept).values("kind"))
    for consent in theirs.filter(models.Q(kind__in=ending) | models.Q(pk__in=twice.values("pk"))):
        consent.revoked_at = now
        consent.save(update_fields=["revoked_at"])
        audit.note("withdraw", consent, clinic=kept.clinic_id, actor=actor, now=now, patient_id=consent.patient_id)


def _settle_carers(losing: Patient, kept: Patient, *, now: datetime) -> None:
    known = Proxy.objects.filter(patient=kept, revoked_at=None).values("user")
    Proxy.objects.filter(patient=losing, revoked_at=None, user__in=known).update(revoked_at=now)


def _settle_flags(losing: Patient, kept: Patient, *, actor: User, now: datetime) -> None:
    open_ones = PainFlag.objects.select_for_update().waiting()
    known = {(flag.group, flag.region): flag for flag in open_ones.filter(patient=kept)}
    for flag in open_ones.filter(patient=losing).order_by("pk"):
        if other := known.get((flag.group, flag.region)):
            _join(flag, other, actor=actor, now=now)


def _join(flag: PainFlag, other: PainFlag, *, actor: User, now: datetime) -> None:
    """`other` goes on, as urgent and as soon due as either was; `flag` is closed as its duplicate."""
    if flag.severity < other.severity:
        other.severity, other.code, other.headline, other.snoozed_until = flag.severity, flag.code, flag.headline, None
        other.item = flag.item or other.item
    other.ack_due = min(filter(None, (flag.ack_due, other.ack_due)), default=None)
    other.contact_due = min(filter(None, (flag.contact_due, other.contact_due)), default=None)
    other.last_event_at = now
    other.save()
    before, flag.state = flag.state, PainFlag.State.RESOLVED
    flag.resolution, flag.effect = PainFlag.Resolution.DUPLICATE, PainFlag.Effect.NONE
    flag.resolved_at = flag.last_event_at = now
    flag.resolved_by = actor
    flag.save()
    record_step(flag, "merge", before, flag.state, actor=actor, now=now, data={"into": str(other.pk)})
    record_step(other, "merge", other.state, other.state, actor=actor, now=now, data={"from": str(flag.pk)})


def _close(losing: Patient, kept: Patient, *, now: datetime) -> None:
    """An alias of an alias leads on: all of them name the record that is kept."""
    user = losing.user if _signs_in(losing) or not kept.user else kept.user
    Patient.objects.filter(merged_into=losing).update(merged_into=kept)
    losing.user, losing.closed_at, losing.merged_into = None, now, kept
    losing.save(update_fields=["user", "closed_at", "merged_into"])
    kept.user = user
    kept.owner_id = kept.owner_id or losing.owner_id
    kept.equipment = list(dict.fromkeys([*kept.equipment, *losing.equipment]))
    kept.equipment_asked_at = kept.equipment_asked_at or losing.equipment_asked_at
    kept.save(update_fields=["user", "owner", "equipment", "equipment_asked_at"])


def _complete(kept: Patient, losing: Patient) -> None:
    """What the kept record does not know of the person, and the other does. The post reckons its times again."""
    identity, other = kept.identity, losing.identity
    for name in FILLED:
        if not getattr(identity, name):
            setattr(identity, name, getattr(other, name))
    if kept.user:
        identity.email = kept.user.email
    identity.search = search_words(identity)
    identity.save()
    Preferences.objects.filter(patient=kept).update(is_planned=False)


def aliases_of(kept: Patient) -> list[Identity]:
    """Under which other records the person was known; `why` is what was said as each was merged."""
    found = list(Identity.objects.filter(patient__merged_into=kept).select_related("patient").order_by("pk"))
    if not found:
        return []
    merges = PatientEvent.objects.filter(patient=kept, kind=PatientEvent.Kind.MERGE)
    why = {event.data["alias"]: event.note for event in merges}
    for one in found:
        one.why = why.get(str(one.pk), "")  # type: ignore[attr-defined]
    return found
