"""The program builder: what stands against a draft, how the patient would see it, and the one act that assigns it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding, ledger, plan
from patients.assignments import AlreadyRunning, look_again_on, phases_of
from patients.contraindications import Contraindicated, check_entry, check_ladder, record_of
from patients.drafts import KILOGRAMS, DraftLine, ladders_of, levels_of, lines_of
from patients.models import Episode, Patient, Program, ProgramDraft, ProgramEvent, ProgramItem, Proposal
from patients.models.assignment import REMOVED
from patients.models.episode import BodySide
from patients.plan import TodayItem
from patients.program_items import locked_item
from programs.dose import as_json, changed, dose_of, from_json
from programs.lint import MANY_ITEMS, TOO_MANY_ITEMS
from programs.models import LadderVersion, LevelVersion, Phase
from programs.models.template import PainPolicy
from programs.rules import Dose

NOBODY = "none"  # what `seen` is while no program runs


class ChangedMeanwhile(Refused):
    """Somebody else has changed what the patient does since this page was opened."""


class NotReady(Refused):
    """Something in the draft stands against it: `errors` name the line and what is wrong."""


@dataclass(frozen=True)
class Line:
    """One exercise of a draft with all that is known about it. `item` is what would be saved."""

    draft: DraftLine
    ladder: LadderVersion
    level: LevelVersion
    levels: Sequence[LevelVersion]
    item: ProgramItem
    minutes: int  # a day
    by_hand: bool
    errors: Mapping[str, str] = field(default_factory=dict)  # field → what is wrong with what was typed
    blocked: Sequence[str] = ()  # why it must not be given now

    @property
    def key(self) -> str:
        return self.draft.key


@dataclass(frozen=True)
class Plan:
    """A whole draft, judged. `stops` keep it from being assigned, `warnings` do not."""

    draft: ProgramDraft
    lines: tuple[Line, ...]
    running: tuple[ProgramItem, ...]
    program: Program | None
    phase: Phase | None
    minutes: int
    stops: tuple[str, ...]
    warnings: tuple[str, ...]
    seen: str

    @property
    def count(self) -> int:
        return len(self.lines) + len(self.running)


def judge(draft: ProgramDraft, *, now: datetime) -> Plan:
    """Everything a therapist should know before this draft is assigned."""
    patient = draft.patient
    lines = lines_of(draft)
    ladders = ladders_of(patient, lines)
    program = _running_program(patient)
    running = tuple(_running_items(program))
    episodes = {str(one.pk): one for one in Episode.objects.filter(patient=patient, ended_on=None)}
    for episode in episodes.values():
        episode.patient = patient
    phase = phases_of(draft.version, draft.path)[0] if draft.version else None
    judged = _judged(draft, lines, ladders, episodes, running, today=local_date(now, patient.zone))
    return Plan(
        draft=draft,
        lines=tuple(judged),
        running=running,
        program=program,
        phase=phase,
        minutes=sum(line.minutes for line in judged) + sum(minutes_a_day(item) for item in running),
        stops=tuple(_stops(draft, lines, ladders, judged, running, program, episodes)),
        warnings=tuple(_warnings(judged, running)),
        seen=fingerprint(program, running),
    )


def _running_program(patient: Patient) -> Program | None:
    found = Program.objects.active().filter(patient=patient).select_related("phase", "version", "episode").first()
    if found:
        found.patient = patient
    return found


def _running_items(program: Program | None) -> list[ProgramItem]:
    if program is None:
        return []
    found = ProgramItem.objects.current().filter(program=program)
    return list(found.select_related("ladder_version", "level", "episode").order_by("position", "pk"))


def fingerprint(program: Program | None, running: Iterable[ProgramItem]) -> str:
    """Names what the patient does now, so that an old page is not assigned on top of a newer program."""
    if program is None:
        return NOBODY
    parts = [str(program.pk), *sorted(f"{item.pk}{item.level_id}" for item in running)]
    return sha256(" ".join(parts).encode()).hexdigest()[:16]


def minutes_a_day(item: ProgramItem) -> int:
    dose = from_json(item.dose)
    return plan.minutes_of(item, dose) * dose.per_day_low


def _judged(
    draft: ProgramDraft,
    lines: Sequence[DraftLine],
    ladders: Mapping[str, LadderVersion],
    episodes: Mapping[str, Episode],
    running: Sequence[ProgramItem],
    *,
    today: date,
) -> list[Line]:
    here = [line for line in lines if line.ladder in ladders and line.episode in episodes]
    records = {key: record_of(episodes[key]) for key in sorted({line.episode for line in here})}
    codes = {ladders[line.ladder].code for line in here}
    found = []
    for place, line in enumerate(here):
        ladder, episode = ladders[line.ladder], episodes[line.episode]
        beside = replace(records[line.episode], running=set(records[line.episode].running) | codes - {ladder.code})
        item, errors = _item(draft, line, ladder, episode, position=len(running) + place, today=today)
        found.append(
            Line(
                draft=line,
                ladder=ladder,
                level=item.level,
                levels=levels_of(ladder),
                item=item,
                minutes=minutes_a_day(item),
                by_hand=item.by_hand,
                errors=errors,
                blocked=check_ladder(episode, ladder, level=item.level, record=beside),
            )
        )
    return found


def _item(
    draft: ProgramDraft, line: DraftLine, ladder: LadderVersion, episode: Episode, *, position: int, today: date
) -> tuple[ProgramItem, dict[str, str]]:
    """The exercise as it would be saved, and what is wrong with what was typed; wrong numbers count as untouched."""
    levels = {level.code: level for level in ladder.levels.all()}
    level = levels.get(line.level) or levels_of(ladder)[0]
    cap = levels.get(line.cap)
    dose, errors = dose_typed(line, level)
    if cap is not None and cap.position < level.position:
        names = {"cap": cap.code, "level": level.code}
        errors["cap"] = _("%(cap)s is below %(level)s, where it starts.") % names
    if line.side not in BodySide.values:
        errors["side"] = _("Choose left, right or both.")
    by_hand = not (draft.version_id and line.source == str(draft.version_id) and draft.episode_id == episode.pk)
    auto = draft.version.paths.get(draft.path, {}).get("auto_advance") if draft.version and draft.path else ""
    item = ProgramItem(
        episode=episode,
        position=position,
        ladder_version=ladder,
        level=level,
        cap=cap,
        region=ladder.region,
        side=line.side,
        dose=as_json(dose),
        level_since=today,
        starts_on=today + timedelta(days=line.from_day - 1),
        approval="therapist" if auto == "therapist" and not by_hand else "auto",
        by_hand=by_hand,
    )
    return item, errors


def dose_typed(line: DraftLine, level: LevelVersion) -> tuple[Dose, dict[str, str]]:
    """The dose as typed, and field → what is wrong with it; then it is the level's own."""
    full, changes, errors = dose_of(level), {}, {}
    for name, text in line.numbers.items():
        try:
            if name == KILOGRAMS:
                changes["load_grams"] = int(Decimal(text.strip().replace(",", ".")) * 1000)
            else:
                changes[name] = int(text)
        except (ValueError, InvalidOperation):
            errors[name] = _("“%(text)s” is not a number.") % {"text": text[:20]}
    try:
        return changed(full, {name: value for name, value in changes.items() if value != getattr(full, name)}), errors
    except ValueError as fault:
        return full, errors | {"dose": str(fault)}


def _stops(
    draft: ProgramDraft,
    lines: Sequence[DraftLine],
    ladders: Mapping[str, LadderVersion],
    judged: Sequence[Line],
    running: Sequence[ProgramItem],
    program: Program | None,
    episodes: Mapping[str, Episode],
) -> Iterable[str]:
    count = len(judged) + len(running)
    if count >= TOO_MANY_ITEMS:
        yield _("%(count)s exercises at a time are too many: take some off, down to %(most)s at most.") % {
            "count": count,
            "most": TOO_MANY_ITEMS - 1,
        }
    if len(judged) < len(lines):
        yield _("An exercise is for an episode that is closed, or has left the library: take it off the list.")
    codes = [line.ladder.code for line in judged] + [item.ladder_version.code for item in running]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield _("%(ladder)s stands twice, or runs already.") % {"ladder": code}
    if draft.version and program:
        yield _("A program has been started meanwhile and goes on by its own phases: choose “By hand” for this one.")
    elif draft.version and draft.episode_id and str(draft.episode_id) in episodes:
        episode = episodes[str(draft.episode_id)]
        yield from check_entry(episode, draft.version, path=draft.path, record=record_of(episode))


def _warnings(judged: Sequence[Line], running: Sequence[ProgramItem]) -> Iterable[str]:
    count = len(judged) + len(running)
    if MANY_ITEMS <= count < TOO_MANY_ITEMS:
        yield _("%(count)s exercises at a time: people do fewer the more there are. Three at most is better.") % {
            "count": count
        }


# The one act


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


@transaction.atomic
def take_off(item: ProgramItem, *, reason: str, actor: User | None, now: datetime) -> ProgramItem:
    """End one exercise of a running program. Everything logged stays, and no phase or version brings it back.

    Raises Refused without a reason, and for an exercise on hold: lifting the hold says how it goes on.
    """
    if not reason.strip():
        raise Refused(_("Nothing was changed."), {"reason": _("Say why: the next person will ask.")})
    item = locked_item(item)
    if item.ended_on is not None:
        return item
    if item.stopped_by_id is not None:
        raise Refused(_("This exercise is on hold. Lift the hold, and choose there that the exercise ends."))
    patient = item.program.patient
    item.ended_on, item.ended_reason = local_date(now, patient.zone), REMOVED
    ledger.record_person(item, "take_off", "", "", reason=reason.strip(), actor=actor, now=now)
    item.save()
    withdrawn = Proposal.objects.filter(item=item).open()
    withdrawn.update(state=Proposal.State.WITHDRAWN, closed_at=now, closed_by=actor)
    ProgramEvent.objects.create(
        program=item.program,
        item=item,
        kind="take_off",
        from_state="active",
        to_state=REMOVED,
        actor=actor,
        at=now,
        note=reason.strip(),
    )
    audit.note("take_off", item, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return item


def rows_as_seen(judged: Plan, *, now: datetime) -> list[TodayItem]:
    """What the patient will read on the first day: what runs already, then the draft, in its order."""
    today = local_date(now, judged.draft.patient.zone)
    return [plan.before_the_first_day(item, today) for item in [*judged.running, *(line.item for line in judged.lines)]]
