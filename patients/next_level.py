"""What stands between an exercise and its next level: the conditions of the rules, met or not, with figures.

The question is put to the rules themselves: were the next day like the last one, with all that is known now, what
would keep it from moving on? So this page and the decision that follows cannot disagree.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.zones import local_date, zone
from patients import ledger
from patients.equipment import owned_by
from patients.facts import day_facts, is_open, next_step, person_facts, shown_by_the_other_side
from patients.models import ExerciseLog, GateRecord, NextDayQuestion, Program, ProgramItem
from programs.equipment import lacking_for_step, thing_words
from programs.models import Gate, LevelVersion
from programs.rulebook import current_rules, in_words
from programs.rules import Facts, Need, Words, needs


@dataclass(frozen=True)
class Condition:
    """One thing the next step asks for. `rules`: the ids of those that find it missing."""

    text: str
    met: bool
    rules: tuple[str, ...]


@dataclass(frozen=True)
class WayUp:
    """`like`: the day whose pain, form and repetitions are taken as they were; None: a day without a fault."""

    above: LevelVersion | None
    like: date | None
    conditions: tuple[Condition, ...]

    @property
    def missing(self) -> list[Condition]:
        return [one for one in self.conditions if not one.met]

    @property
    def met(self) -> list[Condition]:
        return [one for one in self.conditions if one.met]


@dataclass(frozen=True)
class Known:
    """What is read once for all exercises of a program."""

    levels: Mapping[UUID, Sequence[LevelVersion]]
    gates: Collection[str]
    gate_names: Mapping[str, str]
    log_gates: Collection[str]
    owned: Collection[str] | None
    logs: Mapping[UUID, Sequence[ExerciseLog]]  # of the last day of each exercise
    questions: Mapping[tuple[str, date], NextDayQuestion]


def ways_up(program: Program, items: Sequence[ProgramItem], *, now: datetime) -> dict[UUID, WayUp]:
    """By exercise, in four queries whatever their number. Give items of `program` with level, cap and episode.

    Of an exercise whose sides go their own way, give both.
    """
    known = _known(program, items)
    return {item.pk: _way_up(program, item, items, known, now=now) for item in items}


def _known(program: Program, items: Sequence[ProgramItem]) -> Known:
    levels: dict[UUID, list[LevelVersion]] = {}
    wanted = {item.ladder_version_id for item in items}
    for level in LevelVersion.objects.filter(ladder_version__in=wanted).order_by("position"):
        levels.setdefault(level.ladder_version_id, []).append(level)
    mine = GateRecord.objects.filter(patient=program.patient_id, code=OuterRef("code"))
    gates = list(
        Gate.objects.filter(clinic=program.patient.clinic_id).annotate(
            is_recorded=Exists(mine.met()), waits_for_log=Exists(mine.standing().filter(waiting_for="log"))
        )
    )
    days = ProgramItem.objects.filter(pk__in=[item.pk for item in items]).values("last_performed_on")
    questions = NextDayQuestion.objects.filter(patient=program.patient_id, local_date__in=days)
    return Known(
        levels=levels,
        gates={gate.code for gate in gates if gate.is_recorded},
        gate_names={gate.code: gate.text for gate in gates},
        log_gates={gate.code for gate in gates if gate.recorded_by == "log" or gate.waits_for_log},
        owned=owned_by(program.patient),
        logs=_last_logs(items),
        questions={(question.region, question.local_date): question for question in questions},
    )


def _last_logs(items: Sequence[ProgramItem]) -> dict[UUID, list[ExerciseLog]]:
    rows = ExerciseLog.objects.filter(
        item__in=items, session__is_current=True, session__local_date=F("item__last_performed_on"), skipped=""
    ).select_related("session", "level")
    logs: dict[UUID, list[ExerciseLog]] = {}
    for log in rows.order_by("session__performed_at", "pk"):
        logs.setdefault(log.item_id, []).append(log)
    return logs


def _way_up(program: Program, item: ProgramItem, items: Sequence[ProgramItem], known: Known, *, now: datetime) -> WayUp:
    levels = known.levels[item.ladder_version_id]
    above = next((level for level in levels if level.position == item.level.position + 1), None)
    logs = [log for log in known.logs.get(item.pk, []) if log.level_id == item.level_id]
    own_gates = known.log_gates if shown_by_the_other_side(item, items) else ()
    steps = next_step(item, logs, levels, known.gates, own_gates, known.owned)
    days = max(0, (local_date(now, program.patient.zone) - item.level_since).days)
    if logs:
        question = known.questions.get((item.region, logs[0].session.local_date))
        facts, words = day_facts(
            item,
            logs,
            question,
            policy=program.pain_policy,
            open_stop=item.stopped_by_id is not None,
            override=item.override,
            next_step=steps,
        )
        words = replace(words, until=_until(question, program.patient.zone))
    else:
        facts, words = _faultless(program, item, steps), Words(top=item.dose.get("reps_high"))
    asked = above.content["requires_gates"] if above else []
    unrecorded = [known.gate_names.get(code, code) for code in asked if code not in known.gates]
    if above:
        lacks = lacking_for_step(item.level, above, known.owned)
        unrecorded += [_("%(what)s at home") % {"what": thing_words(code)} for code in lacks]
    words = replace(words, gates=", ".join(unrecorded) or None, cap=item.cap.code if item.cap else None)
    return WayUp(
        above=above,
        like=logs[0].session.local_date if logs else None,
        conditions=tuple(_said(one) for one in needs(replace(facts, days_at_level=days), current_rules(), words)),
    )


def _faultless(program: Program, item: ProgramItem, steps: dict[str, bool]) -> Facts:
    """A day at this level that nobody has seen yet: the whole dose, no pain more than ever, a good next day."""
    content, usual = item.level.content, item.episode.usual_pain
    quiet = {"pain_before": usual, "pain_during": 0, "pain_after": 0, "check": "ok"}
    standing = {
        "successes_required": content["successes"],
        "min_days": content["min_days"],
        "mode": content["mode"],
        "approval": "therapist" if "therapist" in (item.approval, content["approval"]) else "auto",
    }
    facts = Facts(**person_facts(item.episode, item, policy=program.pain_policy) | quiet | standing | steps)
    return ledger.memory(item).into(facts, current_rules())


def _until(question: NextDayQuestion | None, zone_name: str) -> str | None:
    if question is None or not is_open(question):
        return None
    return date_format(question.closes_at.astimezone(zone(zone_name)), "D j M, H:i")


def _said(need: Need) -> Condition:
    return Condition(text=in_words(need.key, need.values), met=need.met, rules=need.rules)
