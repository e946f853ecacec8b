"""What a patient has to do today, read in one go: the same for the portal, the API, the printed sheet and the mail."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.zones import local_date
from patients import ledger
from patients.contraindication_words import for_patient, for_staff, in_plain_words
from patients.contraindications import excepted, ruled_out
from patients.midnight import work_if_missed
from patients.models import ExerciseLog, Hold, NextDayQuestion, Patient, Program, ProgramItem, Session
from patients.models.assignment import Override
from patients.models.hold import HoldScope
from patients.program_items import RELATED, in_order
from patients.swaps import may_swap
from programs.dose import as_json, from_json, minutes_of_bout
from programs.rules import Dose


@dataclass(frozen=True)
class TodayItem:
    """One exercise as the patient sees it today. `why_held` is empty unless it must not be done."""

    item: ProgramItem
    name: str
    ladder_title: str
    level_code: str
    dose: Dose
    sides: tuple[str, ...]
    bouts_done: int
    bouts_low: int
    bouts_high: int
    days_done: int
    is_due: bool
    held: Hold | None
    why_held: str
    ruled_out: tuple[str, ...]  # codes of what rules it out for this person now
    may_swap: bool  # whether the patient may look for an equal exercise
    excepted: tuple[str, ...]  # codes of what would, had nobody made an exception
    unlock: str
    minutes: int

    @property
    def is_done(self) -> bool:
        return self.bouts_done >= self.bouts_low

    @property
    def ruled_out_for_staff(self) -> list[str]:
        return [for_staff(code) for code in self.ruled_out]

    @property
    def excepted_for_staff(self) -> list[str]:
        return [in_plain_words(code) for code in self.excepted]

    @property
    def content(self) -> dict[str, Any]:
        """The frozen text of the exercise: how, cues, mistakes, precautions."""
        return dict(self.item.ladder_version.content)


@dataclass(frozen=True)
class Today:
    program: Program
    date: date
    week: int
    weeks_total: int
    phase_name: str
    items: tuple[TodayItem, ...]
    plan_hold: Hold | None
    holds: tuple[Hold, ...]
    questions: tuple[NextDayQuestion, ...]
    paused: bool
    minutes: int
    done: int
    asked: int
    week_dots: tuple[str, ...]  # Monday to Sunday: done, part, rest, ahead

    @property
    def may_log(self) -> bool:
        return self.plan_hold is None and not self.paused and any(not one.why_held for one in self.items)


def active_program(patient: Patient) -> Program | None:
    mine = Program.objects.filter(patient=patient, ended_on=None)
    return mine.select_related("phase", "version").with_news().first()


def ended_program(patient: Patient) -> Program | None:
    """The program that ended last."""
    return Program.objects.filter(patient=patient).exclude(ended_on=None).order_by("-ended_on", "-pk").first()


def today(program: Program, *, now: datetime) -> Today:
    """The day as it stands at `now`, in the patient's own zone. A fixed number of queries whatever the items.

    A midnight that no worker has worked is worked first: what is shown is what may be done.
    """
    patient = program.patient
    day = local_date(now, patient.zone)
    monday = day - timedelta(days=day.weekday())
    found = ProgramItem.objects.filter(program=program, ended_on=None, starts_on__lte=day).select_related(*RELATED)
    items = in_order(found.all())
    if work_if_missed(program, items, now=now):
        items = in_order(found.all())
    open_holds = Hold.objects.filter(patient=patient, released_at=None).select_related("item__level")
    holds = tuple(open_holds.order_by("severity", "opened_at"))
    questions = NextDayQuestion.objects.filter(patient=patient).open(now).order_by("local_date")
    logged = days_logged(items, since=monday)
    rows = tuple(_item(item, day, logged[item.pk]) for item in items)
    due = [row for row in rows if row.is_due or row.bouts_done]
    return Today(
        program=program,
        date=day,
        week=(day - program.started_on).days // 7 + 1,
        weeks_total=_weeks(program),
        phase_name=program.phase.name if program.phase else "",
        items=rows,
        plan_hold=next((hold for hold in holds if hold.scope == HoldScope.PLAN), None),
        holds=holds,
        questions=tuple(questions),
        paused=program.paused_until is not None,
        minutes=sum(row.minutes for row in rows if row.is_due and not row.is_done),
        done=sum(row.is_done for row in due),
        asked=len(due),
        week_dots=_dots(logged, len(items), monday, day),
    )


def rows_today(programs: Sequence[Program], *, now: datetime) -> dict[UUID, list[TodayItem]]:
    """What each of many programs asks today, by program: the same rows as `today`, in two queries for all of them.

    Give programs with their patient loaded: a day begins in the patient's own zone.
    """
    days = {program.pk: local_date(now, program.patient.zone) for program in programs}
    if not days:
        return {}
    mondays = {pk: day - timedelta(days=day.weekday()) for pk, day in days.items()}
    found = ProgramItem.objects.filter(program__in=days, ended_on=None, starts_on__lte=max(days.values()))
    items = in_order(found.select_related(*RELATED))
    logged = days_logged(items, since=min(mondays.values()))
    rows: dict[UUID, list[TodayItem]] = {pk: [] for pk in days}
    for item in items:
        key = item.program_id
        if item.starts_on <= days[key]:
            this_week = [date for date in logged[item.pk] if date >= mondays[key]]
            rows[key].append(_item(item, days[key], this_week))
    return rows


def rows_to_log(items: Sequence[ProgramItem], zone: str, *, now: datetime) -> list[TodayItem]:
    """The exercises among `items` a form may be about now, in one query."""
    day = local_date(now, zone)
    begun = [item for item in items if item.starts_on <= day]
    logged = days_logged(begun, since=day - timedelta(days=day.weekday()))
    return [_item(item, day, logged[item.pk]) for item in begun]


def rows_logged(session: Session) -> list[TodayItem]:
    """The exercises of a stored session, each at the level and the dose it was logged at."""
    related = ("level", "item__ladder_version", "item__level", "item__cap", "item__stopped_by")
    return [_as_logged(log) for log in session.exercises.select_related(*related).order_by("item__position", "pk")]


def _as_logged(log: ExerciseLog) -> TodayItem:
    item, dose = log.item, from_json(log.prescribed)
    item.level = log.level
    row = before_the_first_day(item, log.session.local_date)
    sides = item.sides_asked(log.level.content["sides"])
    most = max([dose.sets_max or dose.sets, *(sum(one["side"] == side for one in log.sets) for side in sides)])
    return replace(row, dose=replace(dose, sets_max=most), sides=sides, is_due=True, why_held="")


def days_logged(items: Iterable[ProgramItem], *, since: date) -> dict[UUID, list[date]]:
    """The local dates on which each of `items` was performed since a day: one a bout."""
    counts = ExerciseLog.objects.filter(session__is_current=True, skipped="", session__local_date__gte=since)
    logged = defaultdict(list)
    for item, day in counts.filter(item__in=[one.pk for one in items]).values_list("item", "session__local_date"):
        logged[item].append(day)
    return logged


def _weeks(program: Program) -> int:
    """Weeks up to the guide's end of the running phase: the template's days are a guide, not a limit."""
    return max(1, -(-program.phase.day_to // 7)) if program.phase else 1


def _item(item: ProgramItem, day: date, logged: Sequence[date]) -> TodayItem:
    """`logged`: the dates of this week's bouts."""
    dose = from_json(item.dose)
    done_today = logged.count(day)
    days_before = len({date for date in logged if date < day})
    held, why = item.stopped_by, why_held(item)
    wanted = item.level.content["per_week_high"]
    return TodayItem(
        item=item,
        name=item.name,
        ladder_title=item.ladder_version.title,
        level_code=item.level.code,
        dose=dose,
        sides=item.sides_asked(item.level.content["sides"]),
        bouts_done=done_today,
        bouts_low=dose.per_day_low,
        bouts_high=dose.per_day_high,
        days_done=days_before + bool(done_today),
        is_due=not why and asks_on(day, wanted, set(logged), item.last_performed_on),
        held=held,
        why_held=why,
        ruled_out=tuple(ruled_out(item)),
        may_swap=may_swap(item),
        excepted=tuple(excepted(item)),
        unlock=unlock_words(item),
        minutes=minutes_of(item, dose),
    )


def before_the_first_day(item: ProgramItem, day: date) -> TodayItem:
    """The row of an exercise nobody has logged yet, saved or not: what a preview shows."""
    return _item(item, day, ())


def asks_on(day: date, wanted: int, done: Collection[date], last: date | None) -> bool:
    """Whether an exercise of `wanted` days a week is due on `day`, done on the dates `done` and `last`.

    Of up to three days a week it is not due two days in a row: the day between is when it works.
    """
    if day in done:
        return True
    monday, before = day - timedelta(days=day.weekday()), day - timedelta(days=1)
    rests = wanted <= 3 and (before in done or before == last)
    return not rests and sum(monday <= one < day for one in done) < wanted


def why_held(item: ProgramItem) -> str:
    """Why an exercise must not be done now, in the patient's words; empty if it may."""
    if item.stopped_by is not None:
        return _("On hold until someone from the clinic has spoken with you.")
    if item.override == Override.PAUSE:
        return _("Paused by your clinic.")
    if codes := ruled_out(item):
        why = ", ".join(map(for_patient, codes))
        return _("Not for you at the moment: %(why)s. Ask your clinic before you do it.") % {"why": why}
    return ""


def minutes_of(item: ProgramItem, dose: Dose) -> int:
    """A round guess of one bout: work at the level's tempo plus the rests, per side, in whole minutes."""
    content = item.level.content
    sides = len(item.sides_asked(content["sides"]))
    own = {name: value for name, value in as_json(dose).items() if value not in (None, "")}
    return max(1, round(minutes_of_bout({**content, **own}, sides=sides)))


def unlock_words(item: ProgramItem) -> str:
    """What is still missing for the next level, with figures: "30 on each side: left 30, right 24"."""
    if item.override == Override.LOCK:
        return _("Your therapist has fixed this level.")
    content = item.level.content
    if (item.cap_id is not None and item.level_id == item.cap_id) or content["terminal"]:
        return _("This is the top step of this phase.")
    parts = [*_short_side(item)]
    left = content["successes"] - ledger.memory(item).successes
    if left > 0:
        parts.append(ngettext("%(count)d clean day to go", "%(count)d clean days to go", left) % {"count": left})
    if "therapist" in (content["approval"], item.approval):
        parts.append(_("then your therapist decides") if parts else _("your therapist decides"))
    return _("Next level: %(what)s.") % {"what": ", ".join(parts) or _("after the next-day question")}


def _short_side(item: ProgramItem) -> list[str]:
    """The asked repetitions beside what each side did last, where one of them is short.

    To fatigue the high end of the range is asked for (R-A08).
    """
    end = "reps_high" if item.level.content["mode"] == "fatigue" else "reps_low"
    asked = item.dose.get(end) or 0
    last = item.state.get("last_reps", {})
    if not last or min(last.values()) >= asked:
        return []
    if {"left", "right"} <= set(last):
        words = {"asked": asked, "left": last["left"], "right": last["right"]}
        return [_("%(asked)d on each side: left %(left)d, right %(right)d") % words]
    return [_("%(asked)d in a set: last time %(done)d") % {"asked": asked, "done": min(last.values())}]


def _dots(logged: dict[UUID, list[date]], asked: int, monday: date, day: date) -> tuple[str, ...]:
    """One word a day of this week: how many exercises were logged of those `asked`."""
    done = Counter(date for dates in logged.values() for date in set(dates))
    words = []
    for offset in range(7):
        date_ = monday + timedelta(days=offset)
        if date_ > day:
            words.append("ahead")
        elif not done[date_]:
            words.append("rest")
        else:
            words.append("done" if done[date_] >= asked else "part")
    return tuple(words)
