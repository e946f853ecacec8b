"""What follows from the facts: limits, worst pain, jump, check. Pure functions, one name per word of the rules."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from .facts import COUNT, SCORE, SHAPES, Facts, Number, OneOf, Shape, Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The clinical numbers. All are a clinic's to change; one patient may have their own."""

    stop_pain: int
    regress_pain: int
    advance_pain_max: int
    severe_pain: int
    jump: int
    next_day_tolerance: int
    next_day_floor: int
    nerve_pain_cap: int
    pain_floor: int
    acute_rise: int
    advance_pain_cap: int
    regress_pain_cap: int
    stop_pain_cap: int
    nerve_pain_ceiling: int
    late_log_h: int
    overdose_ratio: float
    half_dose: float
    streak_gap_days: int
    baseline_scores: int
    baseline_needs: int
    baseline_above_usual: int
    pain_policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Pain numbers for one person, judged against their own usual pain or set by their therapist."""

    advance_max: int
    regress_at: int
    stop_at: int
    nerve_max: int


def limits(facts: Facts, params: Params) -> Limits:
    """The limits flags and decisions both read. A therapist's own limit for this patient goes first."""
    usual, before = facts.usual, facts.pain_before
    advance_max = params.advance_pain_max if usual < params.pain_floor else min(usual + 1, params.advance_pain_cap)
    regress_at = max(params.regress_pain, min(usual + 1, params.regress_pain_cap))
    stop_at = max(params.stop_pain, min(usual + 2, params.stop_pain_cap))
    # What the glide adds counts, not what was there before it.
    glide = params.nerve_pain_cap if before < params.pain_floor else min(before + 1, params.nerve_pain_ceiling)
    return Limits(
        advance_max=advance_max if facts.advance_max is None else facts.advance_max,
        regress_at=regress_at if facts.regress_at is None else facts.regress_at,
        stop_at=stop_at if facts.stop_at is None else facts.stop_at,
        nerve_max=glide,
    )


def max_pain(facts: Facts) -> int:
    return max(facts.pain_during, facts.pain_after)


def worst_pain(facts: Facts) -> int:
    pain = max_pain(facts)
    return pain if facts.next_day is None else max(pain, facts.next_day)


def severe(facts: Facts, params: Params) -> bool:
    """Pain of 9, or a day after that is itself at the stop level."""
    next_day_stops = facts.next_day is not None and facts.next_day >= limits(facts, params).stop_at
    return worst_pain(facts) >= params.severe_pain or next_day_stops


def check(facts: Facts, params: Params) -> str:
    """The next-day check. A number speaks for itself; the patient's own "worse" is never talked down by it."""
    if facts.says_worse:
        return "worse"
    if facts.next_day is None:
        return facts.check
    tolerated = max(facts.baseline, facts.pain_before) + params.next_day_tolerance
    return "worse" if facts.next_day > tolerated and facts.next_day >= params.next_day_floor else "ok"


def new_pain(facts: Facts, params: Params) -> bool:
    """Pain the exercise brought on: from an already painful start it takes two points to count."""
    pain = max_pain(facts)
    brought_on = facts.pain_before < params.pain_floor or pain > facts.pain_before + 1
    return pain >= params.pain_floor and brought_on


def acute_event(facts: Facts, params: Params) -> bool:
    """A pop alone is not an injury: many hips click. It takes lost strength, or pain clearly above before."""
    gave_way = bool({"pop", "snap", "tear"} & set(facts.words))
    pain = max_pain(facts)
    hurt = pain >= params.pain_floor and pain >= facts.pain_before + params.acute_rise
    return gave_way and (facts.strength_loss or hurt)


def sharp_new(facts: Facts) -> bool:
    return "sharp" in facts.words and max_pain(facts) > facts.pain_before


def nerve_painful(facts: Facts, params: Params) -> bool:
    glide_hurts = facts.kind == "nerve" and max_pain(facts) > limits(facts, params).nerve_max
    return facts.painful or glide_hurts


def completion(facts: Facts) -> float:
    """Done dose over the low end of the prescription, on the weaker side."""
    return min(facts.completion_l, facts.completion_r)


def _percent(share: float) -> int:
    """Rounded down, so that 29 of 30 is no whole dose."""
    return int(min(share, 1_000) * 100 + 1e-9)


# What a rule may ask for beside the facts themselves. Limits and the check stand here resolved:
# a rule that says `check` or `stop_at` never sees the raw input.
DERIVED: Mapping[str, Shape] = {
    "advance_max": SCORE,
    "regress_at": SCORE,
    "stop_at": SCORE,
    "nerve_max": SCORE,
    "max_pain": SCORE,
    "worst_pain": SCORE,
    "severe": Truth(),
    "jump": Number(-10, 10),
    "new_pain": Truth(),
    "check": OneOf(("ok", "worse", "pending", "unanswered", "shared")),
    "acute_event": Truth(),
    "sharp_new": Truth(),
    "nerve_painful": Truth(),
    "completion": Number(0),
    "percent": COUNT,
    "percent_l": COUNT,
    "percent_r": COUNT,
    "overdose": Truth(),
    "late": Truth(),
    "weaker_side_short": Truth(),
    "successes_short": Truth(),
    "too_early": Truth(),
    "banked": COUNT,
}
ASKABLE: Mapping[str, Shape] = {**SHAPES, **DERIVED}
# Right-hand sides of ge, gt and lt may name one of these instead of a number.
THRESHOLDS = frozenset({one.name for one in fields(Limits)} | {one.name for one in fields(Params)}) - {"pain_policy"}


@dataclass(frozen=True, slots=True)
class Judged:
    """Facts with everything that follows from them, by the names the rules use."""

    values: Mapping[str, object]
    thresholds: Mapping[str, float]


def judge(facts: Facts, params: Params) -> Judged:
    own = asdict(limits(facts, params))
    short = {facts.completion_l >= 1, facts.completion_r >= 1} == {True, False}
    values: dict[str, object] = {key: getattr(facts, key) for key in SHAPES}
    values |= own
    values |= {
        "max_pain": max_pain(facts),
        "worst_pain": worst_pain(facts),
        "severe": severe(facts, params),
        "jump": facts.pain_during - facts.baseline,
        "new_pain": new_pain(facts, params),
        "check": check(facts, params),
        "acute_event": acute_event(facts, params),
        "sharp_new": sharp_new(facts),
        "nerve_painful": nerve_painful(facts, params),
        "completion": completion(facts),
        "percent": _percent(completion(facts)),
        "percent_l": _percent(facts.completion_l),
        "percent_r": _percent(facts.completion_r),
        "overdose": facts.done_ratio > params.overdose_ratio,
        "late": facts.late_h > params.late_log_h,
        "weaker_side_short": short,
        "successes_short": facts.successes + 1 < facts.successes_required,
        "too_early": facts.days_at_level < facts.min_days,
        "banked": min(facts.successes + 1, facts.successes_required),
    }
    numbers = {key: value for key, value in asdict(params).items() if key != "pain_policy"}
    return Judged(values, numbers | own)
