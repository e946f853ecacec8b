"""The caseload's rows as HTML, joined in Python: a template included for each was the dearest part of the page.

What people typed is escaped here, by hand and once; the rest are figures and our own words.
"""

from collections.abc import Callable, Iterable
from html import escape

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.addresses import address_of
from clinic.templatetags.charts import sparkline
from clinic.templatetags.looks import day_as, icon, severity
from patients.caseload import CaseRow

Content = Callable[[CaseRow], str]

NOTHING = '<span class="soft">–</span>'


def rows_as_html(rows: Iterable[CaseRow], *, treats: bool) -> SafeString:
    """Table rows under the heads of caseload.html. Pain is shown to those who treat."""
    address = address_of("workspace:patient")
    columns = [
        (_cell(label, css), _cell(label, f"{css} nothing"), content)
        for label, css, content in (*LOGGED, *(PAIN if treats else ()), *PLANNED)
    ]
    return SafeString("\n".join(_row(row, address(row.patient_id), columns) for row in rows))


def _cell(label: Promise, css: str) -> str:
    """A phone gives a cell a line of its own, and leaves out those that say nothing."""
    return f'<td class="{css}" data-label="{escape(str(label))}">'


def _row(row: CaseRow, address: str, columns: Iterable[tuple[str, str, Content]]) -> str:
    who = f'<a href="{address}">{escape(row.name)}</a><span class="sub">{_program(row)}</span>'
    contents = [(cell, empty, content(row)) for cell, empty, content in columns]
    cells = "".join([f"{empty if text is NOTHING else cell}{text}</td>" for cell, empty, text in contents])
    return f'<tr><th scope="row">{who}</th>{cells}</tr>'


def _program(row: CaseRow) -> str:
    if row.program is None:
        return _("no program")
    line = f"{escape(row.program)} · {escape(row.phase)}" if row.phase else escape(row.program)
    line += " · " + _("week %(week)s") % {"week": row.week}
    if row.trial_days is not None:
        left = ngettext("%(days)s trial day left", "%(days)s trial days left", row.trial_days)
        line += f'<span class="narrow"> · {left % {"days": row.trial_days}}</span>'
    return f"{line} · {_('paused')}" if row.is_paused else line


def _flags(row: CaseRow) -> str:
    if not row.flags:
        return f'<span class="soft">{_("none")}</span>'
    return " ".join([f"{severity(level)}{_times(count)}" for level, count in row.flags])


def _times(count: int) -> str:
    return f' <span class="soft">× {count}</span>' if count > 1 else ""


def _logged(row: CaseRow) -> str:
    if row.program is None:
        return NOTHING
    arrow = ""
    if row.trend == "up":
        arrow = icon("arrow-trending-up", "outline", _("more than in the last 30 days"))
    elif row.trend == "down":
        arrow = icon("arrow-trending-down", "outline", _("less than in the last 30 days"))
    css = f"trend trend-{row.trend}" if row.trend else "trend"
    return f'<span class="{css}">{arrow}{row.logged}/{row.scheduled}</span>'


def _last_log(row: CaseRow) -> str:
    late = "late" if row.is_silent else ""
    if row.last_on:
        ago = ngettext("%(days)s day ago", "%(days)s days ago", row.silent_days) % {"days": row.silent_days}
        day, words = day_as(row.last_on, "D j M Y"), ago if row.silent_days else _("today")
        return f'<time datetime="{row.last_on.isoformat()}" title="{day}" class="{late}">{words}</time>'
    if not row.is_silent:
        return NOTHING
    never = ngettext("never, %(days)s day", "never, %(days)s days", row.silent_days) % {"days": row.silent_days}
    return f'<span class="{late}">{never}</span>'


def _review(row: CaseRow) -> str:
    if row.review_on is None:
        return NOTHING
    day = day_as(row.review_on, "j M")
    if row.review_is_due:
        return f'<span class="late">{_("due %(day)s") % {"day": day}}</span>'
    return f"<span>{day}</span>"


def _days(days: int | None) -> str:
    return NOTHING if days is None else ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def _therapist(row: CaseRow) -> str:
    if row.owner_id is None:
        return f'<span class="soft">{_("none")}</span>'
    name = escape(row.owner)
    return _("%(name)s, away: you cover") % {"name": name} if row.is_covered else name


def _figure(pain: int | None) -> str:
    return NOTHING if pain is None else str(pain)


def _pains(row: CaseRow) -> str:
    known = any(pain is not None for pain in row.pains)
    return sparkline(row.pains, _("worst pain a day over 14 days")) if known else NOTHING


# What a column is called, its class, and what stands in it. Names are translated and escaped once a page.
LOGGED: tuple[tuple[Promise, str, Content], ...] = (
    (gettext_lazy("Flags"), "", _flags),
    (gettext_lazy("Logged 7 d"), "num", _logged),
    (gettext_lazy("Last log"), "fit", _last_log),
)
PAIN: tuple[tuple[Promise, str, Content], ...] = (
    (gettext_lazy("Pain"), "num", lambda row: _figure(row.last_pain)),
    (gettext_lazy("Worst 7 d"), "num", lambda row: _figure(row.worst_pain)),
    (gettext_lazy("14 days"), "wide", _pains),
)
PLANNED: tuple[tuple[Promise, str, Content], ...] = (
    (gettext_lazy("Trial left"), "num wide", lambda row: _days(row.trial_days)),
    (gettext_lazy("Review"), "fit", _review),
    (gettext_lazy("Therapist"), "fit wide", _therapist),
)
