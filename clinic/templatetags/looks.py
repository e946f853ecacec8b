"""The small pieces every page is made of: icons, fields, scales, severities and times."""

import json
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import heroicons
from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.template import TemplateDoesNotExist
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from clinic import qr

register = template.Library()

SEVERITIES = {
    1: gettext_lazy("Emergency"),
    2: gettext_lazy("Urgent"),
    3: gettext_lazy("Soon"),
    4: gettext_lazy("Routine"),
    5: gettext_lazy("Information"),
}
# A trainer types codes: only a plain name may become part of a path.
DRAWING_NAME = re.compile(r"[a-z0-9-]+")
HUE_STEP = 15
DEFAULT_HUE = 195
MINUTE, HOUR, DAY = 60, 3600, 86400


@lru_cache(maxsize=256)
def _drawn(name: str, style: str) -> str:
    """One icon of the heroicons family as SVG text. Kept, because a caseload draws the same few hundreds of times."""
    attrs: dict[str, object] = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    return heroicons._render_icon(style, name, 24, attrs)


@register.simple_tag
def icon(name: str, style: str = "outline", label: str = "") -> SafeString:
    """An icon beside words. Give `label` when it stands alone: the words then go to screen readers."""
    drawing = SafeString(_drawn(str(name), str(style)))
    if not label:
        return drawing
    return format_html('{}<span class="visually-hidden">{}</span>', drawing, label)


@register.inclusion_tag("partials/local_mail.html")
def local_mail() -> dict[str, bool]:
    """Where mails are kept as files on this machine: the way to them, for who waits for one."""
    return {"is_local": settings.LOCAL_MODE}


@register.simple_tag
def drawing(code: str, label: str = "") -> SafeString:
    """The line drawing of a level ("BRG-4") or else of its ladder ("BRG"); empty if neither is drawn.

    `label` says the exercise in words for those who cannot see it.
    """
    names = [code.lower(), code.lower().rpartition("-")[0]]
    files = [f"partials/drawings/{name}.html" for name in names if DRAWING_NAME.fullmatch(name)]
    try:
        return SafeString(render_to_string(files, {"label": label}) if files else "")
    except TemplateDoesNotExist:
        return SafeString("")


@register.simple_tag
def qr_code(address: str) -> SafeString:
    """An address for the camera of a phone. Hidden from screen readers: say the address in words beside it."""
    return format_html('<span class="qr-code" aria-hidden="true">{}</span>', SafeString(qr.as_svg(address)))


@register.filter
def words(value: str) -> list[str]:
    return value.split()


@register.filter
def as_json(value: object) -> str:
    """For a script, in an attribute: there it is data only."""
    return json.dumps(value)


@register.filter
def without_stop(text: object) -> str:
    """A label that is a sentence or a question, for a place in which a colon follows it."""
    return str(text).rstrip(".?")


@register.simple_tag
def component_css(name: str) -> str:
    return static(f"css/components/{name}.css")


@register.filter
def hue_step(hue: object) -> int:
    """The clinic's hue rounded to the steps of hues.css (0, 15 … 345); teal when there is none."""
    if not isinstance(hue, int):
        return DEFAULT_HUE
    return round(hue / HUE_STEP) * HUE_STEP % 360


@register.filter
def initials(person: Any) -> str:
    """Up to two letters for the round mark beside a name."""
    name = getattr(person, "name", "") or ""
    return "".join(part[0] for part in name.split()[:2]).upper() or "·"


@register.simple_tag(takes_context=True)
def here(context: Context, url: str, *others: str, exact: bool = False) -> SafeString:
    """`aria-current` for a link in the navigation: on its own page, on any page below it (unless `exact`), and on
    those at or below `others`.
    """
    request = context.get("request")
    path = getattr(request, "path", "")
    if path == url:
        return SafeString(' aria-current="page"')
    below = others if exact else (url, *others)
    if any(one and path.startswith(one) for one in below):
        return SafeString(' aria-current="true"')
    return SafeString("")


@register.simple_tag
def severity(level: int, plain: bool = False) -> SafeString:
    """Severity 1 to 5 as shape, word and colour. `plain` leaves out the solid ground of an emergency."""
    return SafeString(_severity(int(level), plain, get_language()))


@lru_cache(maxsize=64)
def _severity(level: int, plain: bool, language: str | None) -> str:
    """Kept for each language: a list of two hundred rows says the same ten things."""
    return render_to_string("partials/severity.html", {"severity": level, "word": SEVERITIES[level], "plain": plain})


def _widget(field: BoundField, described: str) -> SafeString:
    attrs: dict[str, str | bool] = {}
    if described:
        attrs["aria-describedby"] = described
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.inclusion_tag("partials/field.html")
def form_field(field: BoundField, hint: str = "", layout: str = "choices", optional: bool = True) -> dict[str, object]:
    """A form field with label, hint and error tied together.

    `layout` is for radios and check lists: "choices" (under each other), "choices choices-lined", or "choice-row".
    `optional=False` leaves out the remark that a field may stay empty, where the question says so itself.
    """
    hint = hint or str(field.help_text)
    parts = [f"{field.auto_id}_hint"] if hint else []
    parts += [f"{field.auto_id}_error"] if field.errors else []
    described = " ".join(parts)
    kind = "line"
    if isinstance(field.field.widget, forms.CheckboxInput):
        kind = "checkbox"
    elif isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        kind = "group"
    widget = "" if kind == "group" or field.is_hidden else _widget(field, described)
    return {
        "field": field,
        "kind": kind,
        "hint": hint,
        "described": described,
        "widget": widget,
        "layout": layout,
        "says_optional": optional and not field.field.required,
    }


@register.inclusion_tag("partials/pain_scale.html")
def pain_scale(field: BoundField, hint: str = "", low: str = "", high: str = "") -> dict[str, object]:
    """A form field 0 to 10 as eleven keys with worded ends, nothing chosen beforehand."""
    low, high = low or _("no pain"), high or _("worst pain you can think of")
    ends = {0: low, 10: high}
    value = field.value()
    chosen = "" if value is None else str(value)
    return {
        "name": field.html_name,
        "id": field.auto_id or field.html_name,
        "label": str(field.label),
        "keys": [{"value": n, "words": ends.get(n, ""), "chosen": chosen == str(n)} for n in range(11)],
        "errors": [str(error) for error in field.errors],
        "required": field.field.required,
        "hint": hint or str(field.help_text),
        "low": low,
        "high": high,
    }


def _span(seconds: float) -> str:
    """A length of time in the largest whole unit: 40 min, 2 h, 3 days."""
    if seconds < HOUR:
        return _("%(n)d min") % {"n": int(seconds // MINUTE)}
    if seconds < 2 * DAY:
        return _("%(n)d h") % {"n": int(seconds // HOUR)}
    days = int(seconds // DAY)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.filter
def span(seconds: float | None) -> str:
    """A length of time in seconds as 40 min, 2 h or 3 days; nothing known is a dash."""
    return "–" if seconds is None else _span(seconds)


def day_as(day: date, pattern: str) -> str:
    """A day in words, as the filter `date` writes it."""
    return _day_as(day, pattern, get_language())


@lru_cache(maxsize=1000)
def _day_as(day: date, pattern: str, language: str | None) -> str:
    """Kept for each language: a list says the same few days in every row."""
    return dateformat.format(day, pattern)


def _clock(moment: datetime, words: str, css: str = "") -> SafeString:
    """Short words for the eye, the exact time on hover and for screen readers.

    Written by hand and escaped once: a list draws hundreds of these, and format_html took most of their time.
    """
    local = timezone.localtime(moment)
    exact = escape(f"{day_as(local.date(), 'D j M Y')}, {local:%H:%M}")
    short = escape(words)
    classes = f' class="{css}"' if css else ""
    return SafeString(
        f'<time datetime="{moment.isoformat(timespec="seconds")}" title="{exact}"{classes}>'
        f'<span aria-hidden="true">{short}</span><span class="visually-hidden">{short}, {exact}</span></time>'
    )


@register.simple_tag(takes_context=True)
def ago(context: Context, moment: datetime | None, now: datetime | None = None) -> SafeString:
    """ "2 h ago" or "in 3 days"; the exact time in the title. An empty moment is a dash."""
    if moment is None:
        return SafeString('<span class="soft">–</span>')
    seconds = (_now(context, now) - moment).total_seconds()
    if abs(seconds) < MINUTE:
        return _clock(moment, _("just now"))
    if seconds < 0:
        return _clock(moment, _("in %(span)s") % {"span": _span(-seconds)})
    return _clock(moment, _("%(span)s ago") % {"span": _span(seconds)})


@register.simple_tag(takes_context=True)
def due_in(context: Context, moment: datetime | None, now: datetime | None = None) -> SafeString:
    """How long until a follow-up is due: "due in 40 min", or "2 h late" in words and colour."""
    if moment is None:
        return SafeString('<span class="soft">–</span>')
    seconds = (moment - _now(context, now)).total_seconds()
    if seconds < 0:
        return _clock(moment, _("%(span)s late") % {"span": _span(-seconds)}, "late")
    return _clock(moment, _("due in %(span)s") % {"span": _span(seconds)}, "soon" if seconds < HOUR else "")


def _now(context: Context, now: datetime | None) -> datetime:
    """The page's one clock reading, where the request carries it."""
    return now or getattr(context.get("request"), "now", None) or timezone.now()
