"""A follow-up that comes too late is a flag of its own (FL-SLA): nobody must have to notice that nobody has looked.

Late is who has not taken a flag by its first target, or not reached the patient by its second (handbook 3.5).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from patients import ledger
from patients.flag_steps import record_step
from patients.models import PainFlag, PainReport
from patients.models.triage import FlagGroup
from patients.targets import ack_due, contact_due

CODE = "FL-SLA"


@dataclass(frozen=True, slots=True)
class Missed:
    """A target that has passed: the duty list is told `since` then, who leads the clinic from `twice` on."""

    is_taken: bool
    since: datetime
    twice: datetime | None  # twice the staffed time; None where the clinic is never staffed

    def step(self, *, now: datetime) -> int:
        """How far it has gone: 1 not taken, 2 not in twice the time, 3 not reached, 4 not in twice the time."""
        return 1 + 2 * self.is_taken + bool(self.twice and self.twice <= now)


LAST_STEP = 4


def missed(flag: PainFlag, *, now: datetime) -> Missed | None:
    """The target that `flag` has missed; None while it is in time, put aside, or the patient has been reached.

    `flag` comes with its clinic: the targets run in staffed hours.
    """
    since = flag.target
    if since is None or not flag.is_late(now):
        return None
    is_taken = flag.state != PainFlag.State.OPEN
    again = contact_due if is_taken else ack_due
    return Missed(is_taken, since, again(flag.clinic, flag.severity, now=since))


def escalate_late(*, now: datetime) -> int:
    """Report each follow-up that has just become late, and end what is late no more; gives how many changed.

    May run twice, and two at once. The reports become flags as all others do.
    """
    late = PainFlag.objects.late(now).filter(late_step__lt=LAST_STEP).select_related("clinic", "patient", "item")
    return sum(_report(flag, now=now) for flag in late) + sum(_end(flag, now=now) for flag in _settled(now))


@transaction.atomic
def _report(flag: PainFlag, *, now: datetime) -> bool:
    """False if this step is known: the conditional update lets one worker through, and none past a flag just taken."""
    target = missed(flag, now=now)
    step = target.step(now=now) if target else 0
    as_seen = PainFlag.objects.filter(pk=flag.pk, state=flag.state, late_step=flag.late_step)
    if step <= flag.late_step or not as_seen.update(late_step=step):
        return False
    PainReport.objects.create(
        patient=flag.patient,
        episode_id=flag.episode_id,
        item=flag.item,
        kind=PainReport.Kind.TICK,
        late_flag=flag,
        codes=[CODE],
        note=late_words(step),
        ruleset=ledger.ruleset(),
        reported_at=now,
    )
    return True


def late_words(step: int) -> str:
    return {
        1: _("nobody has taken it in time"),
        2: _("nobody has taken it in twice the time"),
        3: _("taken, and not reached in time"),
        4: _("taken, and not reached in twice the time"),
    }[step]


def _settled(now: datetime) -> list[PainFlag]:
    """Escalations of patients for whom nothing is late any more, nor waits to be said."""
    waiting = PainReport.objects.waiting().filter(late_flag__isnull=False)
    still = PainFlag.objects.late(now).values("patient").union(waiting.values("patient"))
    return list(PainFlag.objects.waiting().filter(group=FlagGroup.ESCALATION).exclude(patient__in=still))


@transaction.atomic
def _end(flag: PainFlag, *, now: datetime) -> bool:
    before = flag.state
    ended = PainFlag.objects.filter(pk=flag.pk, state=before).update(
        state=PainFlag.State.RESOLVED, resolved_at=now, last_event_at=now, effect=PainFlag.Effect.NONE
    )
    if ended:
        note = _("Nothing is late any more.")
        record_step(flag, "resolve", before, PainFlag.State.RESOLVED, actor=None, now=now, note=note)
    return bool(ended)
