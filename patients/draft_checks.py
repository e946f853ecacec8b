"""What stands against a draft of a program, and how the patient would see it. Nothing is assigned here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from django.utils.translation import gettext as _

from clinic.zones import local_date
from patients import plan
from patients.assignments import phases_of
from patients.contraindications import check_entry, check_ladder, record_of
from patients.drafts import KILOGRAMS, DraftLine, ladders_of, levels_of, lines_of
from patients.models import Episode, Patient, Program, ProgramDraft, ProgramItem
from patients.models.episode import BodySide
from patients.plan import TodayItem
from programs.dose import as_json, changed, dose_of, from_json
from programs.lint import MANY_ITEMS, TOO_MANY_ITEMS
from programs.models import LadderVersion, LevelVersion, Phase
from programs.rules import Dose

NOBODY = "none"  # what `seen` is while no program runs


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
    return list(found.select_related("ladder_version", "level", "episode", "stopped_by").order_by("position", "pk"))


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


def rows_as_seen(judged: Plan, *, now: datetime) -> list[TodayItem]:
    """What the patient will read on the first day: what runs already, then the draft, in its order."""
    today = local_date(now, judged.draft.patient.zone)
    return [plan.before_the_first_day(item, today) for item in [*judged.running, *(line.item for line in judged.lines)]]
