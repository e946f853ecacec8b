"""The caseload's rows as HTML, joined in Python: a template included for each was the dearest part of the page."""

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.templatetags.charts import sparkline
from clinic.templatetags.looks import icon, severity
from patients.caseload import CaseRow

Content = Callable[[CaseRow], SafeString | str]

NOTHING = SafeString('<span class="soft">–</span>')


def rows_as_html(rows: Iterable[CaseRow], *, treats: bool) -> SafeString:
    """Table rows under the heads of caseload.html. Pain is shown to those who treat."""
    columns = [
        (_cell(label, css), _cell(label, f"{css} nothing"), content)
        for label, css, content in (*LOGGED, *(PAIN if treats else ()), *PLANNED)
    ]
    return SafeString("\n".join(_row(row, columns) for row in rows))


def _cell(label: str | Promise, css: str) -> SafeString:
    """A phone gives a cell a line of its own, and leaves out those that say nothing."""
    return format_html('<td class="{}" data-label="{}">', css, label)


def _row(row: CaseRow, columns: Iterable[tuple[SafeString, SafeString, Content]]) -> str:
    cells = [
        f"{empty if text is NOTHING else cell}{conditional_escape(text)}</td>"
        for cell, empty, text in ((cell, empty, content(row)) for cell, empty, content in columns)
    ]
    return f"<tr>{_who(row)}{''.join(cells)}</tr>"


def _who(row: CaseRow) -> SafeString:
    link = reverse("workspace:patient", args=[row.patient.pk])
    return format_html(
        '<th scope="row"><a href="{}">{}</a><span class="sub">{}</span></th>', link, row.name, _program(row)
    )


def _program(row: CaseRow) -> SafeString | str:
    if row.program is None:
        return _("no program")
    parts: list[SafeString | str] = [row.program.title]
    if row.program.phase:
        parts.append(row.program.phase.name)
    parts.append(_("week %(week)s") % {"week": row.week})
    line = format_html_join(" · ", "{}", ((part,) for part in parts))
    if row.trial_days is not None:
        left = ngettext("%(days)s trial day left", "%(days)s trial days left", row.trial_days)
        line = format_html('{}<span class="narrow"> · {}</span>', line, left % {"days": row.trial_days})
    return format_html("{} · {}", line, _("paused")) if row.program.paused_until else line


def _flags(row: CaseRow) -> SafeString:
    if not row.flags:
        return format_html('<span class="soft">{}</span>', _("none"))
    return format_html_join(" ", "{}{}", ((severity(level), _times(count)) for level, count in row.flags))


def _times(count: int) -> SafeString | str:
    return format_html(' <span class="soft">× {}</span>', count) if count > 1 else ""


def _logged(row: CaseRow) -> SafeString:
    if row.program is None:
        return NOTHING
    arrow: SafeString | str = ""
    if row.trend == "up":
        arrow = icon("arrow-trending-up", "outline", _("more than in the last 30 days"))
    elif row.trend == "down":
        arrow = icon("arrow-trending-down", "outline", _("less than in the last 30 days"))
    css = f"trend trend-{row.trend}" if row.trend else "trend"
    return format_html('<span class="{}">{}{}/{}</span>', css, arrow, row.logged, row.scheduled)


def _last_log(row: CaseRow) -> SafeString:
    late = "late" if row.is_silent else ""
    if row.last_on:
        ago = ngettext("%(days)s day ago", "%(days)s days ago", row.silent_days) % {"days": row.silent_days}
        return format_html(
            '<time datetime="{}" title="{}" class="{}">{}</time>',
            row.last_on.isoformat(),
            date_format(row.last_on, "D j M Y"),
            late,
            ago if row.silent_days else _("today"),
        )
    if not row.is_silent:
        return NOTHING
    never = ngettext("never, %(days)s day", "never, %(days)s days", row.silent_days) % {"days": row.silent_days}
    return format_html('<span class="{}">{}</span>', late, never)


def _review(row: CaseRow) -> SafeString:
    if row.review_on is None:
        return NOTHING
    day = date_format(row.review_on, "j M")
    if row.review_is_due:
        return format_html('<span class="late">{}</span>', _("due %(day)s") % {"day": day})
    return format_html("<span>{}</span>", day)


def _days(days: int | None) -> SafeString:
    if days is None:
        return NOTHING
    return format_html("{}", ngettext("%(days)s day", "%(days)s days", days) % {"days": days})


def _therapist(row: CaseRow) -> SafeString | str:
    if row.patient.owner is None:
        return format_html('<span class="soft">{}</span>', _("none"))
    name = row.patient.owner.name
    return _("%(name)s, away: you cover") % {"name": name} if row.is_covered else name


def _figure(pain: int | None) -> SafeString | str:
    return NOTHING if pain is None else str(pain)


def _pains(row: CaseRow) -> SafeString:
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
