"""Charts as plain SVG: they print, need no script and pass the content policy. Colours come from chart.css by class."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import count, groupby
from uuid import uuid4

from django import template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from clinic.charts import BarChart, LineChart, Mark, PairChart, Point

register = template.Library()

LETTERS = "abc"
WIDE, NARROW = (720, 260), (360, 230)
LEFT, RIGHT, TOP, BOTTOM = 30, 10, 26, 24


class _Plane:
    """Turns days and values into places on the drawing."""

    def __init__(self, chart: LineChart, size: tuple[int, int]) -> None:
        days = [point.at for series in chart.series for point in series.points] + [mark.at for mark in chart.marks]
        self.first, self.last = min(days), max(days)
        self.span = max((self.last - self.first).days, 1)
        self.low, self.high = chart.low, max(chart.high, chart.low + 1)
        self.width, self.height = size

    def x(self, day: date) -> float:
        share = (day - self.first).days / self.span
        return round(LEFT + 6 + share * (self.width - LEFT - RIGHT - 12), 1)

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.height - BOTTOM - share * (self.height - TOP - BOTTOM), 1)

    def day_ticks(self, wanted: int) -> list[date]:
        step = max(1, -(-self.span // wanted))
        return [self.first + timedelta(days=n) for n in range(0, self.span + 1, step)]

    def value_ticks(self) -> list[float]:
        """At most six round values: steps of 1, 2 or 5 times a power of ten."""
        reach = self.high - self.low
        step = next(digit * 10**power for power in count() for digit in (1, 2, 5) if reach / (digit * 10**power) <= 5)
        return [self.low + n * step for n in range(int(reach // step) + 1)]


def _figure(value: float) -> str:
    return f"{value:g}"


def _day(day: date) -> str:
    return date_format(day, "j M")


def _runs(points: Sequence[Point]) -> Iterable[list[Point]]:
    """Stretches without a gap: a day nobody logged breaks the line instead of inventing a value."""
    for known, run in groupby(points, key=lambda point: point.value is not None):
        if known:
            yield list(run)


def _line(plane: _Plane, points: Sequence[Point], letter: str) -> SafeString:
    runs = [" ".join(f"{plane.x(p.at)},{plane.y(p.value or 0)}" for p in run) for run in _runs(points)]
    lines = format_html_join("", '<polyline class="line line-{}" points="{}"/>', ((letter, run) for run in runs))
    dots = format_html_join(
        "", "{}", ((_point(plane, p, letter),) for p in points if p.value is not None and len(points) <= 60)
    )
    return lines + dots


def _point(plane: _Plane, point: Point, letter: str) -> SafeString:
    """Round, square or pointed: the series can be told apart without colour."""
    x, y = plane.x(point.at), plane.y(point.value or 0)
    if letter == "a":
        return format_html('<circle class="point dot-a" cx="{}" cy="{}" r="3"/>', x, y)
    if letter == "b":
        return format_html('<rect class="point dot-b" x="{}" y="{}" width="6" height="6"/>', x - 3, y - 3)
    return format_html('<path class="point dot-c" d="M{} {}l4 7h-8z"/>', x, y - 4)


def _mark(plane: _Plane, mark: Mark) -> SafeString:
    x = plane.x(mark.at)
    signs = {"up": "m0 0 4.5 7h-9z", "down": "m0 7 4.5-7h-9z", "hold": "m-4 0h3v7h-3zm5 0h3v7h-3z"}
    sign = signs.get(mark.kind, "m0 0 4 3.5-4 3.5-4-3.5z")
    return format_html(
        '<g><title>{}: {}</title><line class="mark" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<path class="mark-sign" transform="translate({} 8)" d="{}"/></g>',
        _day(mark.at),
        mark.label,
        x,
        x,
        TOP - 6,
        plane.height - BOTTOM,
        x,
        "M0 0" + sign,
    )


def _frame(plane: _Plane) -> SafeString:
    right = plane.width - RIGHT
    lines = format_html_join(
        "",
        '<line class="grid-line" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        ((LEFT, right, plane.y(v), plane.y(v), LEFT - 6, plane.y(v) + 4, _figure(v)) for v in plane.value_ticks()),
    )
    days = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (plane.x(day), plane.height - 6, "start" if day == plane.first else "middle", _day(day))
            for day in plane.day_ticks(6 if plane.width > 400 else 3)
        ),
    )
    return lines + days


def _limit(plane: _Plane, chart: LineChart) -> SafeString:
    if chart.limit is None:
        return SafeString("")
    y = plane.y(chart.limit)
    right = plane.width - RIGHT
    return format_html(
        '<line class="limit" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        LEFT,
        right,
        y,
        y,
        right,
        y - 5,
        chart.limit_label,
    )


def _rows(chart: LineChart) -> list[dict[str, object]]:
    """The same figures day by day, for the table under the drawing; newest first."""
    days: dict[date, dict[int, float]] = {}
    for number, series in enumerate(chart.series):
        for point in series.points:
            if point.value is not None:
                days.setdefault(point.at, {})[number] = point.value
    notes: dict[date, list[str]] = {}
    for mark in chart.marks:
        notes.setdefault(mark.at, []).append(mark.label)
    return [
        {
            "day": day,
            "values": [_figure(days[day][n]) if n in days.get(day, {}) else "–" for n in range(len(chart.series))],
            "notes": "; ".join(notes.get(day, [])),
        }
        for day in sorted({*days, *notes}, reverse=True)
    ]


@register.simple_tag
def line_chart(chart: LineChart, narrow: bool = False) -> SafeString:
    """A line chart over days with its key and its table. `narrow` draws it for a phone, with legible text."""
    rows = _rows(chart)
    drawing = SafeString("")
    size = NARROW if narrow else WIDE
    if rows:
        plane = _Plane(chart, size)
        parts = [_frame(plane), _limit(plane, chart)]
        parts += [_mark(plane, mark) for mark in chart.marks]
        parts += [_line(plane, s.points, letter) for s, letter in zip(chart.series, LETTERS, strict=False)]
        drawing = SafeString("".join(parts))
    key = [{"letter": letter, "label": s.label} for s, letter in zip(chart.series, LETTERS, strict=False)]
    return SafeString(
        render_to_string(
            "partials/line_chart.html",
            {
                "chart": chart,
                "id": uuid4().hex[:8],
                "size": size,
                "drawing": drawing,
                "key": key,
                "rows": rows,
            },
        )
    )


@register.simple_tag
def bar_chart(chart: BarChart, narrow: bool = False) -> SafeString:
    """Lying bars with their figures at the end, and an outline for what was planned."""
    width = 360 if narrow else 720
    room = 110 if narrow else 170
    most = max([bar.value for bar in chart.bars] + [bar.of or 0 for bar in chart.bars] + [1])
    scale = (width - room - 60) / most
    drawing = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text>{}'
        '<rect class="bar-a" x="{}" y="{}" width="{}" height="16" rx="3"/>'
        '<text class="mark-label" x="{}" y="{}">{}</text>',
        (
            _bar_parts(bar.label, bar.value, bar.of, chart.unit, n * 30 + 4, room, scale)
            for n, bar in enumerate(chart.bars)
        ),
    )
    return SafeString(
        render_to_string(
            "partials/bar_chart.html",
            {
                "chart": chart,
                "id": uuid4().hex[:8],
                "width": width,
                "height": max(len(chart.bars) * 30, 30),
                "drawing": drawing,
                "has_of": any(bar.of is not None for bar in chart.bars),
            },
        )
    )


def _bar_parts(
    label: str, value: float, of: float | None, unit: str, top: int, room: int, scale: float
) -> tuple[object, ...]:
    long = round(max(value * scale, 1), 1)
    behind, end, figure = SafeString(""), long, _figure(value) + unit
    if of is not None:
        behind = format_html(
            '<rect class="bar-of" x="{}" y="{}" width="{}" height="16" rx="3"/>',
            room,
            top,
            round(of * scale, 1),
        )
        end = max(long, round(of * scale, 1))
        figure = f"{_figure(value)} / {_figure(of)}{unit}"
    return room - 8, top + 12, label, behind, room, top, long, room + end + 6, top + 12, figure


PAIR_WIDTH, PAIR_LABEL, PAIR_BAR = 640, 26, 22


@register.simple_tag
def pair_chart(chart: PairChart) -> SafeString:
    """Before and after as two lying bars under each label, their figures at the end."""
    shown = [(name, label) for name, label in (("before", chart.before_label), ("after", chart.after_label)) if label]
    most = max([getattr(pair, name) or 0 for pair in chart.pairs for name, _label in shown] + [1])
    row = PAIR_LABEL + len(shown) * PAIR_BAR + 10
    drawing = format_html_join(
        "",
        '<text class="mark-label" x="0" y="{}">{}</text>{}',
        (
            (
                number * row + PAIR_LABEL - 7,
                pair.label,
                format_html_join(
                    "",
                    '<rect class="bar-{}" x="0.5" y="{}" width="{}" height="17" rx="3"/><text x="{}" y="{}">{}</text>',
                    (
                        _pair_bar(name, getattr(pair, name), number * row + PAIR_LABEL + n * PAIR_BAR, most)
                        for n, (name, _label) in enumerate(shown)
                    ),
                ),
            )
            for number, pair in enumerate(chart.pairs)
        ),
    )
    return SafeString(
        render_to_string(
            "partials/pair_chart.html",
            {
                "chart": chart,
                "id": uuid4().hex[:8],
                "width": PAIR_WIDTH,
                "height": max(len(chart.pairs) * row, row),
                "drawing": drawing,
                "key": shown,
            },
        )
    )


def _pair_bar(name: str, value: float | None, top: int, most: float) -> tuple[object, ...]:
    long = round(max((value or 0) / most * (PAIR_WIDTH - 70), 1), 1)
    return name, top, long, long + 7, top + 14, "–" if value is None else _figure(value)


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str, low: float = 0, high: float = 10) -> SafeString:
    """A line the size of a word. `label` says it in words: "pain over 14 days, last 3"."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if not known:
        return SafeString('<span class="soft">–</span>')
    step = 76 / max(len(values) - 1, 1)
    reach = (high - low) or 1
    dots = [(round(2 + n * step, 1), round(21 - (min(max(v, low), high) - low) / reach * 18, 1)) for n, v in known]
    x, y = dots[-1]
    return SafeString(
        f'<svg class="sparkline" viewBox="0 0 80 24" role="img" aria-label="{escape(label)}">'
        '<line class="grid-line" x1="0" x2="80" y1="21" y2="21"/>'
        f'<polyline class="line" points="{" ".join([f"{x},{y}" for x, y in dots])}"/>'
        f'<circle class="dot-last" cx="{x}" cy="{y}" r="2.5"/></svg>'
    )
