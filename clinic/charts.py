"""What a chart shows, as values. Views fill them, the tags in templatetags/charts.py draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Point:
    at: date
    value: float | None  # None: nothing was logged; the line breaks there


@dataclass(frozen=True, slots=True)
class Series:
    label: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day and explains the line: a level up or down, a hold."""

    at: date
    label: str
    kind: str = "up"  # up, down, hold or note: decides the sign drawn at the top


@dataclass(frozen=True, slots=True)
class LineChart:
    """Up to three series over days. `summary` says in a sentence what the eye would see."""

    title: str
    summary: str
    series: Sequence[Series]
    marks: Sequence[Mark] = ()
    low: float = 0
    high: float = 10
    unit: str = ""
    limit: float | None = None
    limit_label: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    of: float | None = None  # the scheduled amount, drawn as an outline behind the bar
    note: str = ""


@dataclass(frozen=True, slots=True)
class BarChart:
    title: str
    summary: str
    bars: Sequence[Bar]
    unit: str = ""
    value_label: str = ""
    of_label: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure before and after; None where there is none."""

    label: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class PairChart:
    """Two lying bars under each label. Without a `before_label` only what is after is drawn."""

    title: str
    summary: str
    pairs: Sequence[Pair]
    after_label: str
    before_label: str = ""
