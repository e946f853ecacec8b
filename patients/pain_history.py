"""Pain over weeks as a chart: during exercise and the next day, with what changed marked on its day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from clinic.charts import LineChart, Mark, Point, Series
from clinic.zones import local_date
from patients.day_grid import worst_pain
from patients.models import Decision, ExerciseLog, Hold, NextDayQuestion
from programs.rulebook import current_rules
from programs.rules import Facts, limits

WEEKS = 8


def pain_chart(
    logs: Sequence[ExerciseLog],
    answers: Iterable[NextDayQuestion],
    decisions: Iterable[Decision],
    holds: Iterable[Hold],
    *,
    usual_pain: int,
    today: date,
) -> LineChart:
    """The chart over the last weeks. Decisions and holds of any age may be given: only those in sight are marked."""
    first = today - timedelta(weeks=WEEKS)
    during = {day: worst_pain([log for log in logs if log.session.local_date == day]) for day in _days_of(logs)}
    during = {day: pain for day, pain in during.items() if day >= first and pain is not None}
    after = {
        answer.local_date + timedelta(days=1): answer.pain
        for answer in answers
        if answer.pain is not None and answer.local_date >= first
    }
    shown = {*during, *after}
    marks = [*_level_marks(decisions), *_hold_marks(holds)]
    return LineChart(
        title=_("Pain"),
        summary=_summary(during),
        series=[
            Series(_("Worst during exercise"), _points(during)),
            Series(_("The next day"), _points(after)),
        ],
        marks=[mark for mark in marks if shown and min(shown) <= mark.at <= today],
        limit=limits(Facts(usual=usual_pain), current_rules().params).regress_at,
        limit_label=_("ease off from here"),
    )


def _days_of(logs: Iterable[ExerciseLog]) -> list[date]:
    return sorted({log.session.local_date for log in logs})


def _points(values: Mapping[date, int | None]) -> list[Point]:
    return [Point(day, values[day]) for day in sorted(values)]


def _summary(during: Mapping[date, int | None]) -> str:
    if not during:
        return ""
    days = sorted(during)
    return _("Worst pain during exercise was %(first)s on the first day shown and %(last)s on the last.") % {
        "first": during[days[0]],
        "last": during[days[-1]],
    }


def _level_marks(decisions: Iterable[Decision]) -> list[Mark]:
    marks = []
    for row in decisions:
        if not row.level_to or row.level_to == row.level_from:
            continue
        # Codes of one ladder differ in their number only, so a longer or later code is the higher level.
        is_up = (len(row.level_to), row.level_to) > (len(row.level_from), row.level_from)
        words = _("%(exercise)s to %(level)s") % {"exercise": row.item.ladder_version.title, "level": row.level_to}
        marks.append(Mark(row.local_date, words, kind="up" if is_up else "down"))
    return marks


def _hold_marks(holds: Iterable[Hold]) -> list[Mark]:
    return [
        Mark(
            local_date(hold.opened_at, hold.patient.zone),
            _("Hold: %(what)s") % {"what": hold.get_scope_display()},
            kind="hold",
        )
        for hold in holds
    ]
