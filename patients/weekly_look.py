"""Once a week a program is looked at as a whole: pain that creeps up, and sessions that fall away (flag_rules.yaml)."""

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from patients.models import ExerciseLog, Measure, Program, ProgramItem
from patients.models.measure import USUAL_PAIN

WEEK = timedelta(days=7)
BASE_UP = 2  # FL-BASE-UP: weekly median of the pain before sessions, against the first week
ADHERENCE_DAYS, ADHERENCE_LEAST = 14, 0.5  # FL-ADH50


def weekly_codes(program: Program, items: Sequence[ProgramItem], *, last_night: date, today: date) -> list[str]:
    """What the week that ends with `today`'s midnight shows; empty on other days, and while anything is held.

    `last_night` is the midnight that was worked before this one: a week's end that was missed is looked at now.
    """
    weeks = (today - program.started_on).days // 7
    week_ends = program.started_on + weeks * WEEK
    if weeks < 2 or not last_night < week_ends or not items or any(item.stopped_by_id for item in items):
        return []
    rows = ExerciseLog.objects.filter(
        session__program=program, session__is_current=True, session__local_date__lt=today, skipped=""
    ).values_list("session__local_date", "pain_before")
    return [*_base_up(program, list(rows), today), *_half_done(items, {day for day, _pain in rows}, today)]


def _base_up(program: Program, rows: Sequence[tuple[date, int | None]], today: date) -> list[str]:
    first = _set_anew(program) or [pain for day, pain in rows if pain is not None and day < program.started_on + WEEK]
    latest = [pain for day, pain in rows if pain is not None and day >= today - WEEK]
    return ["FL-BASE-UP"] if first and latest and median(latest) - median(first) >= BASE_UP else []


def _set_anew(program: Program) -> list[float]:
    """The usual pain a clinician has set since the program began: from then on it stands for the first week (E20)."""
    since = Measure.objects.filter(episode=program.episode_id, code=USUAL_PAIN, measured_on__gte=program.started_on)
    return [float(one) for one in since.order_by("recorded_at").values_list("value", flat=True)][-1:]


def _half_done(items: Sequence[ProgramItem], logged: set[date], today: date) -> list[str]:
    """Days with a log against days due, at the low end of the most frequent exercise."""
    due = max(int(item.level.content["per_week_low"]) for item in items) * ADHERENCE_DAYS / 7
    done = sum(day >= today - timedelta(days=ADHERENCE_DAYS) for day in logged)
    return ["FL-ADH50"] if done / due < ADHERENCE_LEAST else []
