"""Asked again as a mail is claimed: may it still go, does it still make sense? A fixed number of queries a batch."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from clinic import accounts
from clinic.models import AccountEvent, MailedLink, Membership, SignInCode
from patients.models import Consent, PainFlag, Patient, Trial, TrialRequest
from patients.models.consent import ConsentKind
from patients.plan import TodayItem
from reminders import digests
from reminders.days import Day, days_of, judge
from reminders.models import Message, Subscription

Kind = Message.Kind


@dataclass
class Parcel:
    """A claimed message with what its text is built from. A `reason` says why it may not go."""

    message: Message
    reason: str = ""
    address: str = ""
    day: Day | None = None
    session: Sequence[TodayItem] = field(default_factory=list)
    question: bool = False
    list_name: str = ""  # empty for what is no list mail: alerts, codes, links somebody asked for
    token: str = ""
    code: SignInCode | None = None
    link: MailedLink | None = None
    membership: Membership | None = None
    account_event: AccountEvent | None = None
    may_offer: bool = False
    on_list: tuple[int, int] = digests.NONE  # of a list for staff: how many flags, and how many of them are late


def look_again(messages: Sequence[Message], *, now: datetime) -> tuple[list[Parcel], list[Parcel]]:
    """Sort claimed messages into those that may go and those that may not, which carry their reason."""
    parcels = []
    for kind, check in CHECKS.items():
        if mine := [message for message in messages if message.kind == kind]:
            parcels += check(mine, now)
    ready = [one for one in parcels if not one.reason and one.address]
    refused = [one for one in parcels if one.reason or not one.address]
    for one in refused:
        one.reason = one.reason or "no_address"
    _give_tokens(ready)
    return ready, refused


def _reminders(messages: list[Message], now: datetime) -> list[Parcel]:
    days = days_of([_patient(message) for message in messages], now=now)
    parcels = []
    for message in messages:
        day = days[_patient(message).pk]
        verdict = judge(day)
        parcels.append(
            Parcel(
                message,
                reason=verdict.reason,
                address=day.address,
                day=day,
                session=verdict.session,
                question=verdict.question,
                list_name=verdict.list_name,
            )
        )
    return parcels


def _notices(messages: list[Message], now: datetime) -> list[Parcel]:
    """Safety mail: asks only for the consent to e-mail, and goes whatever the preferences say."""
    agreed = _agreed(messages, ConsentKind.EMAIL)
    held = set(
        Patient.objects.filter(pk__in=[m.patient_id for m in messages], holds__released_at=None, holds__severity__lte=3)
        .order_by()
        .values_list("pk", flat=True)
    )
    parcels = []
    for message in messages:
        reason = "resolved" if message.patient_id not in held else ""
        reason = "no_consent" if message.patient_id not in agreed else reason
        parcels.append(Parcel(message, reason=reason, address=_patient(message).identity.email))
    return parcels


def _trial_steps(messages: list[Message], now: datetime) -> list[Parcel]:
    patients = [message.patient_id for message in messages]
    agreed, marketing = _agreed(messages, ConsentKind.EMAIL), _agreed(messages, ConsentKind.MARKETING)
    flagged = set(
        PainFlag.objects.waiting().filter(patient__in=patients, severity__lte=3).values_list("patient_id", flat=True)
    )
    states = dict(Trial.objects.filter(patient__in=patients).order_by("accepted_at").values_list("patient_id", "state"))
    going = {"welcome": {Trial.State.ACTIVE}, "ended": {Trial.State.ACTIVE, Trial.State.NOT_CONVERTED}}
    parcels = []
    for message in messages:
        patient, state = _patient(message), states.get(_patient(message).pk)
        step = message.slot.partition(":")[2]
        reason = ""
        if patient.closed_at:
            reason = "discharged"
        elif message.patient_id not in agreed:
            reason = "no_consent"
        elif not patient.preferences.trial_mails:
            reason = "unsubscribed"
        elif state not in going.get(step, {Trial.State.ACTIVE}):
            reason = "stayed" if state == Trial.State.CONVERTED else "discharged"
        parcels.append(
            Parcel(
                message,
                reason=reason,
                address=patient.identity.email,
                list_name="trial",
                # Offers wait while something is wrong (handbook 3.5), and need a consent of their own.
                may_offer=message.patient_id in marketing and message.patient_id not in flagged,
            )
        )
    return parcels


def _alerts(messages: list[Message], now: datetime) -> list[Parcel]:
    here = set(
        Membership.objects.active()
        .filter(user__in=[message.user_id for message in messages])
        .values_list("user_id", "clinic_id")
    )
    parcels = []
    for message in messages:
        flag, reason = message.flag, ""
        if (message.user_id, message.clinic_id) not in here:
            reason = "left_clinic"
        elif flag and flag.state == PainFlag.State.RESOLVED:
            reason = "resolved"
        elif flag and message.slot.startswith("flag:") and flag.owner_id and flag.state != PainFlag.State.OPEN:
            reason = "taken"
        parcels.append(Parcel(message, reason=reason, address=message.user.email if message.user else ""))
    return parcels


def _digests(messages: list[Message], now: datetime) -> list[Parcel]:
    """Counted again: what was followed up since the list was planned is not on it."""
    clinics = {message.clinic_id for message in messages if message.clinic_id}
    counted = {
        period: digests.lists(clinics, period, until=now, now=now)
        for period in {message.slot.partition(":")[0] for message in messages}
    }
    parcels = []
    for message in messages:
        mine = counted[message.slot.partition(":")[0]].get(message.clinic_id, {}) if message.clinic_id else {}
        on_list = mine.get(message.user_id, digests.NONE) if message.user_id else digests.NONE
        address = message.user.email if message.user else ""
        parcels.append(Parcel(message, reason="" if on_list[0] else "resolved", address=address, on_list=on_list))
    return parcels


def _codes(messages: list[Message], now: datetime) -> list[Parcel]:
    codes = SignInCode.objects.to_send(now).select_related("link")
    waiting = {f"code:{row.pk.hex}": row for row in codes.filter(pk__in=_ids(messages))}
    parcels = []
    for message in messages:
        code = waiting.get(message.slot)
        own = message.user.email if message.user and message.user.is_active else ""
        address = code.address or own if code else own
        parcels.append(Parcel(message, reason="" if code else "used", address=address, code=code))
    return parcels


def _password_links(messages: list[Message], now: datetime) -> list[Parcel]:
    waiting = MailedLink.objects.to_send(now).select_related("user").in_bulk(_ids(messages))
    parcels = []
    for message, pk in zip(messages, _ids(messages), strict=True):
        link = waiting.get(pk)
        address = link.user.email if link and link.user else ""
        parcels.append(Parcel(message, reason="" if link else "used", address=address, link=link))
    return parcels


def _invitations(messages: list[Message], now: datetime) -> list[Parcel]:
    found = Membership.objects.active().filter(pk__in=_ids(messages)).select_related("user", "clinic")
    members = {member.pk: member for member in found}
    parcels = []
    for message, pk in zip(messages, _ids(messages), strict=True):
        member = members.get(pk)
        reason = "left_clinic" if member is None else "used" if member.user.has_usable_password() else ""
        address = member.user.email if member else ""
        parcels.append(Parcel(message, reason=reason, address=address, membership=member))
    return parcels


def _account_notices(messages: list[Message], now: datetime) -> list[Parcel]:
    events = AccountEvent.objects.select_related("user").in_bulk(_ids(messages))
    parcels = []
    for message, pk in zip(messages, _ids(messages), strict=True):
        event = events.get(pk)
        reason = "" if event and event.user.is_active else "used"
        address = accounts.told_at(event) if event and not reason else ""
        parcels.append(Parcel(message, reason=reason, address=address, account_event=event))
    return parcels


def _confirmations(messages: list[Message], now: datetime) -> list[Parcel]:
    parcels = []
    for message in messages:
        asked = message.trial_request
        waits = asked is not None and asked.state == TrialRequest.State.SUBMITTED
        parcels.append(Parcel(message, reason="" if waits else "used", address=asked.email if asked else ""))
    return parcels


CHECKS: dict[str, Callable[[list[Message], datetime], list[Parcel]]] = {
    Kind.REMINDER: _reminders,
    Kind.NOTICE: _notices,
    Kind.TRIAL_STEP: _trial_steps,
    Kind.ALERT: _alerts,
    Kind.DIGEST: _digests,
    Kind.SIGN_IN_CODE: _codes,
    Kind.INVITATION: _invitations,
    Kind.PASSWORD_LINK: _password_links,
    Kind.ACCOUNT_NOTICE: _account_notices,
    Kind.TRIAL_CONFIRM: _confirmations,
}


def _patient(message: Message) -> Patient:
    """The patient of a kind that always has one."""
    if message.patient is None:
        raise TypeError(f"a {message.kind} without a patient")
    return message.patient


def _ids(messages: Collection[Message]) -> list[UUID]:
    """The ids that codes and invitations carry in their slot."""
    return [UUID(message.slot.split(":")[1]) for message in messages]


def _agreed(messages: Collection[Message], kind: ConsentKind) -> set[UUID]:
    patients = [message.patient_id for message in messages]
    return set(Consent.objects.given().filter(patient__in=patients, kind=kind).values_list("patient_id", flat=True))


def _give_tokens(parcels: list[Parcel]) -> None:
    """Give list mail its unsubscribe token: one a patient and list, made once and kept."""
    wanted = {(_patient(one.message).pk, one.list_name) for one in parcels if one.list_name}
    if not wanted:
        return
    mine = Subscription.objects.filter(patient__in=[patient for patient, _list in wanted])
    known = {(one.patient_id, one.list_name): one.token for one in mine}
    missing = [pair for pair in wanted if pair not in known]
    if missing:
        Subscription.objects.bulk_create(
            [Subscription(patient_id=pk, list_name=name, token=secrets.token_urlsafe(32)) for pk, name in missing],
            ignore_conflicts=True,
        )
        known = {(one.patient_id, one.list_name): one.token for one in mine.all()}
    for one in parcels:
        if one.list_name:
            one.token = known[_patient(one.message).pk, one.list_name]
