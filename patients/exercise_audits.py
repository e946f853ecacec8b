"""The exercise audit of a trial: its diary, and what is found (handbook 4.5)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Membership, User
from clinic.refusals import Refused
from patients.admissions import need_licence
from patients.audit_checks import BY_CODE, Finding, entry_levels
from patients.examinations import examine
from patients.gates import How, record_gate, revoke_gate
from patients.intake import Moved
from patients.models import AuditFinding, Episode, Trial
from patients.models.episode import Slump
from patients.trials import keep_step, locked_trial

SLOT = timedelta(minutes=50)  # 40 for the audit and 10 between two (handbook 4.5)
LATEST = timedelta(days=366)  # a visit further off is a slip of the keys
CANCELS_IN_TIME = timedelta(hours=12)
MISSES = ("did_not_come", "cancelled", "clinic_cancelled")


@transaction.atomic
def book_audit(trial: Trial, *, at: datetime, by: User | None = None, actor: User, now: datetime) -> Trial:
    """Put the exercise audit in the diary, or move it; `by` is who does it, None is whoever is free.

    Raises Moved, Refused: a time that is over, or at which they, or all who may do one, have another or are away.
    """
    trial = locked_trial(trial, Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED)
    if errors := _not_free(trial, at, by, now=now):
        raise Refused(_("The audit was not booked."), errors)
    before, trial.state, trial.audit_at, trial.audit_with = trial.state, Trial.State.AUDIT_BOOKED, at, by
    return keep_step(trial, "book_audit", before, actor=actor, now=now, data={"at": at.isoformat()})


def _not_free(trial: Trial, at: datetime, by: User | None, *, now: datetime) -> dict[str, str]:
    if not now < at <= now + LATEST:
        return {"at": _("Choose a time that lies ahead, within a year.")}
    # Locked: two bookings at once see each other.
    therapists = Membership.objects.select_for_update(of=("self",)).therapists().filter(clinic=trial.patient.clinic_id)
    every = list(therapists.order_by("pk"))
    may = [one for one in every if one.licensed] or every
    here = {one.user_id for one in may if not one.is_away(at)}
    near = Trial.objects.filter(patient__clinic=trial.patient.clinic_id, state=Trial.State.AUDIT_BOOKED)
    near = near.filter(audit_at__gt=at - SLOT, audit_at__lt=at + SLOT, audited_at=None).exclude(pk=trial.pk)
    busy = list(near.values_list("audit_with", flat=True))
    if by and by.pk not in here:
        return {"by": _("%(name)s is not here then, or may not do it.") % {"name": by.name}}
    if by and by.pk in busy:
        return {"by": _("%(name)s has another audit then: leave 50 minutes from one to the next.") % {"name": by.name}}
    if len(busy) >= len(here):
        return {"at": _("Nobody is free then: all who may do it have an audit, or are away.")}
    return {}


@transaction.atomic
def miss_audit(trial: Trial, *, code: str, note: str = "", actor: User, now: datetime) -> Trial:
    """The audit does not take place, `code` of MISSES says why; it may be booked anew.

    A person who cancels less than 12 hours before is noted as late. Raises Moved, Refused naming the field.
    """
    trial = locked_trial(trial, Trial.State.AUDIT_BOOKED)
    at = trial.audit_at
    if at is None or trial.audited_at is not None:
        raise Moved(_("No audit is booked that has not been recorded."))
    if code not in MISSES:
        raise Refused(_("Nothing was changed."), {"code": _("Choose what happened.")})
    if code == "did_not_come" and at > now:
        raise Refused(_("Nothing was changed."), {"code": _("The time of the audit has not come yet.")})
    before, trial.state, trial.audit_at, trial.audit_with = trial.state, Trial.State.ACCEPTED, None, None
    data = {"code": code, "at": at.isoformat(), "late": code == "cancelled" and at - now < CANCELS_IN_TIME}
    return keep_step(trial, "miss_audit", before, actor=actor, now=now, note=note, data=data)


@transaction.atomic
def record_audit(
    trial: Trial,
    *,
    findings: Iterable[Finding],
    levels: Mapping[str, str] | None = None,
    path: str = "",
    leg_tingling: bool | None = None,
    summary: str,
    actor: User,
    now: datetime,
) -> Trial:
    """Keep the checklist: a check that is met sets its gate, one that is not takes it back; levels say where to begin.

    `levels` (ladder code to level code) replaces what the table proposes. Recorded again before the start, the later
    audit counts. Raises NotAllowed, Moved, Refused naming the check.
    """
    need_licence(trial.patient.clinic, actor)
    trial = locked_trial(trial, Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED)
    findings = list(findings)
    _refuse_odd(findings, summary)
    assert trial.episode is not None  # accepting opens one
    for finding in findings:
        AuditFinding.objects.update_or_create(
            trial=trial,
            check_code=finding.check_code,
            defaults={
                "met": finding.met,
                "faults": list(finding.faults),
                "pain": finding.pain,
                "value": finding.value,
            },
        )
        _set_gate(trial.episode, finding, leg_tingling=leg_tingling, actor=actor, now=now)
    proposed = entry_levels(findings, usual_pain=trial.episode.usual_pain)
    trial.entry_levels = {**proposed, **{ladder: level for ladder, level in (levels or {}).items() if level}}
    trial.path, trial.audit_summary = path or trial.path, summary.strip()
    trial.audited_at, trial.audited_by = now, actor
    return keep_step(trial, "record_audit", trial.state, actor=actor, now=now, data={"levels": trial.entry_levels})


def _set_gate(episode: Episode, finding: Finding, *, leg_tingling: bool | None, actor: User, now: datetime) -> None:
    check = BY_CODE[finding.check_code]
    if check.code == "SLUMP":
        examine(episode, slump=finding.value or Slump.NOT_DONE, leg_tingling=leg_tingling, actor=actor, now=now)
    elif check.gate and finding.met:
        record_gate(episode, check.gate, how=How.AUDIT, value=finding.value, actor=actor, now=now)
    elif check.gate:
        revoke_gate(episode, check.gate, actor=actor, now=now)


def _refuse_odd(findings: Collection[Finding], summary: str) -> None:
    errors = {}
    for finding in findings:
        check = BY_CODE.get(finding.check_code)
        if check is None:
            errors[finding.check_code] = _("There is no such check.")
        elif finding.pain is not None and not 0 <= finding.pain <= 10:
            errors[f"{check.code}-pain"] = _("Pain %(pain)s: pain goes from 0 to 10.") % {"pain": finding.pain}
        elif check.values and finding.value not in ("", *dict(check.values)):
            errors[f"{check.code}-value"] = _("Choose one of the results.")
    if not findings:
        errors["findings"] = _("Record at least one check.")
    if not summary.strip():
        errors["summary"] = _("Write a sentence or two: the next person will read it.")
    if errors:
        raise Refused(_("The audit was not saved. Your answers are still below."), errors)
