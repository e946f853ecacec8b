"""Assigning a program and adjusting it: a published version is pinned, then it is this patient's own."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import chain

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding
from patients.contraindications import Contraindicated, Record, check_entry, check_ladder, record_of
from patients.models import Episode, Program, ProgramItem
from patients.models.assignment import BY_A_PERSON
from patients.program_items import record_event
from programs.dose import as_json, dose_of
from programs.models import LevelVersion, Phase, PhaseItem, ProgramVersion


class NotPublished(Refused):
    pass


class AlreadyRunning(Refused):
    pass


@transaction.atomic
def assign(episode: Episode, version: ProgramVersion, *, path: str = "", actor: User | None, now: datetime) -> Program:
    """Pin a published `version` to the episode and start its first phase today, in the patient's own zone.

    A patient has one running program: a second episode's exercises join it. Levels reached before are
    kept, `start` counts only without history (handbook E32). Raises NotPublished, Contraindicated with
    every reason, AlreadyRunning where the episode has a program, Refused for a closed episode.
    """
    patient = episode.patient
    if version.state != ProgramVersion.State.PUBLISHED or version.template.clinic_id != patient.clinic_id:
        raise NotPublished(_("Only a published program of this clinic can be assigned."))
    if episode.ended_on is not None:
        raise Refused(_("This episode is closed: open a new one for a return."))
    phases = phases_of(version, path)
    record = record_of(episode)
    _refuse_blocked(phases[0], version, episode, path, record)
    today = local_date(now, patient.zone)
    running = Program.objects.select_for_update().filter(patient=patient, ended_on=None).first()
    if running and running.items.filter(episode=episode, ended_on=None).exists():
        raise AlreadyRunning(_("This episode has a running program. End it, or adjust it, first."))
    program = running or _start(episode, version, phases[0], path, today=today, actor=actor, now=now)
    enter_phase(program, episode, phases[0], version=version, record=record, today=today)
    data = {"template": version.template.code, "version": version.number, "phase": phases[0].name}
    record_event(program, None, "assign", "", "active", actor=actor, now=now, data=data)
    return program


def phases_of(version: ProgramVersion, path: str) -> list[Phase]:
    """The phases of a version along `path`, in order. Raises Refused for a path the template does not have."""
    if version.paths and path not in version.paths:
        names = ", ".join(version.paths)
        raise Refused(_("Choose a path."), {"path": _("Choose one of: %(paths)s.") % {"paths": names}})
    phases = [phase for phase in version.phases.order_by("position") if phase.path in ("", path)]
    if not phases:
        raise NotPublished(_("This program has no phase to start."))
    return phases


def _start(
    episode: Episode,
    version: ProgramVersion,
    phase: Phase,
    path: str,
    *,
    today: date,
    actor: User | None,
    now: datetime,
) -> Program:
    try:
        with transaction.atomic():
            return Program.objects.create(
                patient=episode.patient,
                episode=episode,
                version=version,
                phase=phase,
                phase_started_on=today,
                review_due=look_again_on(phase, today),
                path=path,
                pain_policy=version.pain_policy,
                started_on=today,
                assigned_by=actor,
                assigned_at=now,
            )
    except IntegrityError:
        raise AlreadyRunning(_("Somebody else has just assigned a program to this patient.")) from None


def look_again_on(phase: Phase, today: date) -> date:
    """The days of a phase are a guide: when they are over, it comes up for a review (templates.yaml)."""
    return today + timedelta(days=max(1, phase.day_to - phase.day_from + 1))


def _refuse_blocked(phase: Phase, version: ProgramVersion, episode: Episode, path: str, record: Record) -> None:
    reasons = {str(version.title): check_entry(episode, version, path=path, record=record)}
    for item in phase_items(phase):
        assert item.ladder_version is not None  # published versions are frozen whole
        levels = {level.code: level for level in item.ladder_version.levels.all()}
        level = start_level(levels, item, record.reached)
        reasons[item.ladder_version.title] = check_ladder(episode, item.ladder_version, level=level, record=record)
    blocked = {title: why for title, why in reasons.items() if why}
    if blocked:
        text = "; ".join(f"{title}: {', '.join(why)}" for title, why in blocked.items())
        raise Contraindicated(_("This program cannot be assigned now. %(why)s.") % {"why": text}, {"version": text})


def phase_items(phase: Phase) -> list[PhaseItem]:
    items = list(
        phase.items.select_related("ladder_version").prefetch_related("ladder_version__levels").order_by("position")
    )
    return items[: phase.choose_max] if phase.choose_max else items


def enter_phase(
    program: Program, episode: Episode, phase: Phase, *, version: ProgramVersion, record: Record, today: date
) -> list[ProgramItem]:
    """Make `phase` the running one: exercises that go on keep their row, level and streaks; others end; new ones start.

    A ladder that is blocked today is left out: the therapist sees it on the patient's page. What a person chose by hand
    stays as it is, and what a person took off stays off.
    """
    running = _current(program, episode)
    wanted = phase_items(phase)
    current = _on_their_ladders(running, {part.ladder_version.code for part in wanted if part.ladder_version})
    not_the_phases = {item.ladder_version.code for item in running if item.by_hand} | taken_off(program, episode)
    open_holds = holding.open_over(program.patient)
    auto = version.paths.get(program.path, {}).get("auto_advance", "") if program.path else ""
    kept = []
    for position, part in enumerate(wanted):
        assert part.ladder_version is not None
        levels = {level.code: level for level in part.ladder_version.levels.all()}
        code = part.ladder_version.code
        items = current.pop(code, [])
        level = start_level(levels, part, record.reached)
        if not items and (
            code in not_the_phases or check_ladder(episode, part.ladder_version, level=level, record=record)
        ):
            continue
        for item in items or [new_item(program, episode, level, today=today, from_day=part.from_day)]:
            item.position = position
            if item.ladder_version.code == code:  # an equal exercise in its place keeps its own cap
                item.cap = levels.get(part.cap_code)
            item.approval = "therapist" if auto == "therapist" else "auto"
            if item.stopped_by_id is None:  # a new exercise does not slip out from under what is held
                item.stopped_by = holding.widest(open_holds, item)
            item.save()
            kept.append(item)
    for item in chain.from_iterable(current.values()):
        item.ended_on, item.ended_reason = today, "phase_over"
        item.save(update_fields=["ended_on", "ended_reason"])
    return kept


def new_item(program: Program, episode: Episode, level: LevelVersion, *, today: date, from_day: int = 1) -> ProgramItem:
    """An exercise at the full dose of `level`, not saved yet; `from_day` 1 is today."""
    ladder = level.ladder_version
    return ProgramItem(
        program=program,
        episode=episode,
        ladder_version=ladder,
        level=level,
        region=ladder.region,
        side=episode.side,
        dose=as_json(dose_of(level)),
        level_since=today,
        starts_on=today + timedelta(days=from_day - 1),
    )


def _current(program: Program, episode: Episode) -> list[ProgramItem]:
    found = ProgramItem.objects.filter(program=program, episode=episode, ended_on=None)
    return list(found.select_related("ladder_version", "level", "first__ladder_version"))


def _on_their_ladders(running: Iterable[ProgramItem], wanted: Container[str]) -> dict[str, list[ProgramItem]]:
    """Code of a ladder → the exercise on it, side by side where they part, or the equal one swapped in for it.

    Not those of a person.
    """
    found: dict[str, list[ProgramItem]] = defaultdict(list)
    for item in running:
        own = item.ladder_version.code
        stands_for = own if item.first is None or own in wanted else item.first.ladder_version.code
        if not item.by_hand:
            found[stands_for].append(item)
    return found


def taken_off(program: Program, episode: Episode) -> set[str]:
    """Codes of the ladders that a person took off this program."""
    ended = ProgramItem.objects.filter(program=program, episode=episode, ended_reason__in=BY_A_PERSON)
    return set(ended.values_list("ladder_version__code", flat=True))


def start_level(levels: Mapping[str, LevelVersion], part: PhaseItem, reached: Container[str]) -> LevelVersion:
    """A level reached before counts, up to the phase's cap; `start` counts only without history."""
    start = levels[part.start_code]
    ceiling = levels[part.cap_code].position if part.cap_code else max(level.position for level in levels.values())
    known = [level for level in levels.values() if level.code in reached and level.position <= ceiling]
    return max(known, key=lambda level: level.position, default=start)
