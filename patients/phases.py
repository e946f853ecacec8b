"""When a phase is over: its exit is data (handbook, templates.yaml), and the days are only a guide."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients.assignments import enter_phase, look_again_on, phases_of
from patients.contraindications import record_of
from patients.models import ExerciseLog, GateRecord, Measure, Program, ProgramItem, Proposal
from patients.models.proposal import NEXT_PHASE
from patients.program_items import need_reason, record_event
from patients.work_done import fewest_reps
from programs.measures import SCALES
from programs.models import Gate, LevelVersion, Phase
from programs.rulebook import current_rules
from programs.rules import Facts, limits
from programs.words import condition_words


class Progress:
    """What exits ask about, each read when a condition first asks for it."""

    def __init__(self, program: Program, *, signed_off: bool = False) -> None:
        self.program, self.signed_off = program, signed_off

    @cached_property
    def items(self) -> list[ProgramItem]:
        running = ProgramItem.objects.filter(program=self.program, episode=self.program.episode_id, ended_on=None)
        return list(running.select_related("ladder_version", "level", "episode"))

    @cached_property
    def reached(self) -> dict[str, int]:
        """Ladder code → position of the level its exercise is on; of sides that go their own way, the lower one."""
        lowest: dict[str, int] = {}
        for item in self.items:
            code, position = item.ladder_version.code, item.level.position
            lowest[code] = min(position, lowest.get(code, position))
        return lowest

    @cached_property
    def positions(self) -> dict[str, int]:
        """Level code → position, for the ladders of the program."""
        ladders = {item.ladder_version_id for item in self.items}
        return dict(LevelVersion.objects.filter(ladder_version__in=ladders).values_list("code", "position"))

    @cached_property
    def gates(self) -> set[str]:
        records = GateRecord.objects.met().filter(episode=self.program.episode_id)
        return set(records.values_list("code", flat=True))

    @cached_property
    def measures(self) -> list[Measure]:
        """Of the episode, the oldest first."""
        mine = Measure.objects.filter(episode=self.program.episode_id, revoked_at=None)
        return list(mine.order_by("measured_on", "recorded_at"))

    @cached_property
    def logs(self) -> list[ExerciseLog]:
        """Of this phase, in the order they were performed."""
        logs = ExerciseLog.objects.filter(
            item__in=self.items,
            session__is_current=True,
            session__local_date__gte=self.program.phase_started_on,
            skipped="",
        )
        related = logs.select_related("session", "item__ladder_version", "item__episode", "level")
        return list(related.order_by("session__performed_at"))

    @cached_property
    def quiet_days(self) -> int:
        return _quiet_days(self.logs)

    @cached_property
    def reps(self) -> dict[str, int]:
        """Ladder code → fewest repetitions in any set of its last log, on either side."""
        return _fewest_reps(self.items, self.logs)


def exit_holds(exit: Mapping[str, Any], progress: Progress) -> bool:
    """`all` conditions, and one of `any` where there are some. An empty exit never holds by itself."""
    every, some = exit.get("all", []), exit.get("any", [])
    if not every and not some:
        return progress.signed_off
    holds = all(_holds(one, progress) for one in every)
    return holds and (not some or any(_holds(one, progress) for one in some))


def _holds(condition: Mapping[str, Any], progress: Progress) -> bool:
    if "level" in condition:
        ladder = condition["level"].rpartition("-")[0]
        wanted = progress.positions.get(condition["level"])
        return wanted is not None and progress.reached.get(ladder, 0) >= wanted
    if "gate" in condition:
        return condition["gate"] in progress.gates
    if "green_days" in condition:
        return progress.quiet_days >= int(condition["green_days"])
    if "reps_per_set" in condition:
        return progress.reps.get(condition["ladder"], 0) >= int(condition["reps_per_set"])
    if "therapist" in condition:
        return progress.signed_off
    if "measure" in condition:
        better = gain(progress.measures, condition["measure"])
        return better is not None and better >= condition["change"]
    return False


def conditions_of(program: Program) -> list[tuple[str, bool]]:
    """What ends the running phase, in words, and whether each holds today."""
    exit = program.phase.exit if program.phase else {}
    progress, some = Progress(program), exit.get("any", [])
    gates = dict(Gate.objects.filter(clinic=program.patient.clinic_id).values_list("code", "text"))
    enough = _("%(what)s (one of these is enough)") if len(some) > 1 else "%(what)s"
    found = [(condition_words(one, gates), _holds(one, progress)) for one in exit.get("all", [])]
    return found + [(enough % {"what": condition_words(one, gates)}, _holds(one, progress)) for one in some]


def gain(measures: Iterable[Measure], code: str) -> float | None:
    """How much better the last score of `code` is than the first; None with fewer than two. Give the oldest first."""
    values = [float(one.value) for one in measures if one.code == code]
    return SCALES[code].gain(values[0], values[-1]) if len(values) > 1 and code in SCALES else None


def _quiet_days(logs: list[ExerciseLog]) -> int:
    """Days in a row, up to the last one logged, on which nothing went above the patient's `advance_max`."""
    worst: dict[date, bool] = {}
    for log in logs:
        facts = Facts(usual=log.item.episode.usual_pain, **log.item.limits)
        top = limits(facts, current_rules().params).advance_max
        quiet = max(log.pain_during or 0, log.pain_after or 0) <= top
        worst[log.session.local_date] = worst.get(log.session.local_date, True) and quiet
    days = sorted(worst, reverse=True)
    if not days:
        return 0
    noisy = next((day for day in days if not worst[day]), None)
    first = min(day for day in days if noisy is None or day > noisy) if worst[days[0]] else None
    return (days[0] - first).days + 1 if first else 0


def _fewest_reps(items: list[ProgramItem], logs: list[ExerciseLog]) -> dict[str, int]:
    last = {log.item_id: log.sets for log in logs}  # in order, so the last log of each exercise stays
    fewest: dict[str, int] = {}
    for item in items:
        code, reps = item.ladder_version.code, min(fewest_reps(last.get(item.pk, [])).values(), default=0)
        fewest[code] = min(reps, fewest.get(code, reps))
    return fewest


def next_phase(program: Program) -> Phase | None:
    """The phase after the running one; None at the last, and for a program put together by hand."""
    if program.version is None:
        return None
    phases = phases_of(program.version, program.path)
    later = [phase for phase in phases if program.phase and phase.position > program.phase.position]
    return later[0] if later else None


@transaction.atomic
def leave_phase_if_done(program: Program, *, actor: User | None, now: datetime, signed_off: bool = False) -> bool:
    """Go on to the next phase if the running one's exit holds; True if it did."""
    if program.version is None or program.phase is None or program.ended_on is not None:
        return False
    if not exit_holds(program.phase.exit, Progress(program, signed_off=signed_off)):
        return False
    upcoming = next_phase(program)
    if upcoming is None:
        return False
    today, before = local_date(now, program.patient.zone), program.phase.name
    # Whoever moved the program to another version meanwhile has the word: its phases are others.
    as_read = Program.objects.filter(pk=program.pk, version=program.version_id, phase=program.phase_id)
    review_due = look_again_on(upcoming, today)
    if not as_read.update(phase=upcoming, phase_started_on=today, review_due=review_due):
        return False
    program.phase, program.phase_started_on, program.review_due = upcoming, today, review_due
    record = record_of(program.episode)
    enter_phase(program, program.episode, upcoming, version=program.version, record=record, today=today)
    left_behind = Q(item__ended_on__isnull=False) | Q(kind=NEXT_PHASE)
    Proposal.objects.filter(left_behind, item__program=program).withdraw(actor=actor, now=now)
    record_event(program, None, "phase", before, upcoming.name, actor=actor, now=now)
    return True


@transaction.atomic
def review_later(program: Program, *, until: date, reason: str, actor: User | None, now: datetime) -> Program:
    """Leave a phase that takes longer than its guide as it is, and look again on `until`. Raises Refused."""
    need_reason(reason)
    if until <= local_date(now, program.patient.zone):
        raise Refused(_("Nothing was changed."), {"until": _("Choose a day that is still to come.")})
    before = program.review_due
    program.review_due = until
    program.save(update_fields=["review_due"])
    record_event(program, None, "review", str(before or ""), str(until), actor=actor, now=now, note=reason)
    return program


def sign_off_phase(program: Program, *, actor: User | None, now: datetime) -> bool:
    """A therapist's word that the phase is done; conditions that ask for more than a sign-off must hold too.

    Raises Refused where something else is still missing, or there is no next phase.
    """
    if next_phase(program) is None:
        raise Refused(_("This is the last phase: discharge the patient, or assign another program."))
    if not leave_phase_if_done(program, actor=actor, now=now, signed_off=True):
        missing = [text for text, holds in conditions_of(program) if not holds]
        text = _("The phase cannot be left yet. Still missing: %(what)s.")
        raise Refused(text % {"what": "; ".join(missing)})
    return True
