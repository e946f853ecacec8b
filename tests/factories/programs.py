"""A running program for a patient, and sessions logged on it through the real verb."""

from datetime import datetime, timedelta
from uuid import uuid4

from patients.answers import Answered, answer_question
from patients.assignments import assign
from patients.episodes import open_episode
from patients.gates import record_gate
from patients.models import Episode, NextDayQuestion, Patient, Program, ProgramItem
from patients.sessions import Entry, Logged, SetDone, log_session
from programs.dose import from_json
from programs.models import ProgramVersion


def an_episode(patient: Patient, *, now: datetime, **given: object) -> Episode:
    """Back of the left thigh, usual pain 2, slump unchanged, no tingling."""
    fields = {
        "reason": "Back of the thigh",
        "region": "posterior_thigh_hip",
        "side": "left",
        "usual_pain": 2,
        "slump": "unchanged",
        "leg_tingling": False,
    }
    return open_episode(patient, **(fields | given), actor=patient.owner, now=now)  # type: ignore[arg-type]


def a_program(
    patient: Patient,
    version: ProgramVersion,
    *,
    now: datetime,
    gates: tuple[str, ...] = (),
    path: str = "",
    **episode: object,
) -> Program:
    opened = an_episode(patient, now=now, **episode)
    for code in gates:
        record_gate(opened, code, actor=patient.owner, now=now)
    return assign(opened, version, path=path, actor=patient.owner, now=now)


def item_of(program: Program, ladder_code: str) -> ProgramItem:
    found = ProgramItem.objects.select_related("level", "ladder_version", "program__patient", "stopped_by")
    return found.get(program=program, ladder_version__code=ladder_code, ended_on=None)


def as_planned(item: ProgramItem, *, low: bool = True, **given: object) -> Entry:
    """An entry that does the dose as prescribed, at its low or its high end, with pain 1."""
    dose = from_json(item.dose)
    reps = dose.reps_low if low else dose.reps_high
    seconds = dose.seconds_low if low else dose.seconds_high
    sets = [
        SetDone(side=side, reps=reps, seconds=seconds if reps is None else None)
        for side in item.sides_asked(item.level.content["sides"])
        for _set in range(dose.sets)
    ]
    fields = {"sets": sets, "pain_before": 1, "pain_during": 1, "pain_after": 1}
    return Entry(item_id=item.pk, **(fields | given))  # type: ignore[arg-type]


def a_session(program: Program, *entries: Entry, now: datetime, **given: object) -> Logged:
    return log_session(
        program,
        client_id=uuid4(),
        entries=entries,
        actor=program.patient.user,
        now=now,
        **given,  # type: ignore[arg-type]
    )


def next_morning(at: datetime) -> datetime:
    return (at + timedelta(days=1)).replace(hour=12, minute=30)


def an_answer(patient: Patient, *, now: datetime, pain: int = 1, compared: str = "same", **given: object) -> Answered:
    """Answer the oldest open question."""
    question = NextDayQuestion.objects.filter(patient=patient).open(now).earliest("local_date")
    return answer_question(question, pain=pain, compared=compared, actor=patient.user, now=now, **given)  # type: ignore[arg-type]
