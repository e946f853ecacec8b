"""The queue's rows as HTML, joined in Python as the caseload's are: a template for each was half of the page's time.

What people typed, and the headline made of it, is escaped here by hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.addresses import address_of
from clinic.templatetags.looks import severity, since, until
from patients.models import PainFlag

CURRENT = ' aria-current="true"'


@dataclass(frozen=True, slots=True)
class Row:
    """A patient in the queue: the flag to open first, and what else of them is in the same tab."""

    flag: PainFlag
    others: tuple[PainFlag, ...]
    name: str
    phone: str
    owner: str
    detail: bool
    late: bool


def rows_as_html(rows: Iterable[Row], *, tab: str, current: str, now: datetime) -> SafeString:
    """List items; `current` is the id of the flag that stands open beside them."""
    address, states = address_of("workspace:flag"), {state: str(state.label) for state in PainFlag.State}
    return SafeString(
        "".join(
            _row(
                row,
                f"{address(row.flag.pk)}?tab={tab}",
                states[PainFlag.State(row.flag.state)],
                is_open=str(row.flag.pk) == current,
                now=now,
            )
            for row in rows
        )
    )


def _row(row: Row, address: str, state: str, *, is_open: bool, now: datetime) -> str:
    flag = row.flag
    link = (
        f'<a id="flag-{flag.pk}" href="{address}" hx-get="{address}" hx-target="#pane" hx-swap="outerHTML"'
        f' hx-push-url="true">{escape(row.name)}</a>'
    )
    closed = flag.state == PainFlag.State.RESOLVED
    due = f'<span class="soft">{_("closed")}</span>' if closed else until(flag.contact_due, now)
    return (
        f'\n<li{CURRENT if is_open else ""}>{severity(flag.severity)}<span class="who">{link}</span>\n'
        f'  <span class="why">{_why(row, state)}</span>\n'
        f'  <span class="due">{due}</span><span class="age">{since(flag.opened_at, now)}</span></li>\n'
    )


def _why(row: Row, state: str) -> str:
    parts = [_what(row), state]
    if row.flag.owner_id:
        parts.append(f'<span class="owner">{escape(row.owner)}</span>')
    if row.late:
        parts.append(f'<span class="late">{_("nobody has followed up in time")}</span>')
    if row.others:
        parts.append(_others(row.others))
    return " · ".join(parts)


def _what(row: Row) -> str:
    """For who may not read why: whom to call."""
    if row.detail:
        return escape(capfirst(row.flag.headline))
    return f'<span class="soft">{escape(row.phone) or _("no phone")}</span>'


def _others(others: tuple[PainFlag, ...]) -> str:
    more = len(others)
    words = ngettext("and %(more)s more:", "and %(more)s more:", more) % {"more": more}
    return " ".join([f'<span class="more">{words}</span>', *(severity(one.severity, plain=True) for one in others)])
