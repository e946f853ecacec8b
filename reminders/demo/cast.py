"""Who is in the demo clinic, and what each patient is there to show. Everybody is made up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic.demo_cast import DOMAIN

RIVERSIDE: Mapping[str, Any] = {
    "name": "Riverside Physiotherapy",
    "short_name": "Riverside",
    "slug": "riverside",
    "zone": "Europe/London",
    "phone": "020 7946 0100",
    "emergency_number": "999",
    "urgent_care": "NHS 111",
    "email": f"desk@{DOMAIN}",
    "trial_open": True,
    "service_area": ["SE1", "SE8", "SE10", "SE16"],
    "band_colours": ["purple", "red", "green", "blue", "black"],
}
HILLTOP: Mapping[str, Any] = {
    "name": "Hilltop Movement Clinic",
    "short_name": "Hilltop",
    "slug": "hilltop",
    "zone": "America/New_York",
    "phone": "+1 212 555 0142",
    "emergency_number": "911",
    "urgent_care": "the nearest walk-in clinic",
    "email": f"hilltop@{DOMAIN}",
    "band_colours": ["yellow", "red", "green", "blue", "black"],
}


@dataclass(frozen=True)
class Worker:
    name: str
    address: str
    roles: tuple[str, ...]
    licensed: bool = False


RIVERSIDE_TEAM = (
    Worker("Dana Reed", "dana", ("therapist", "owner"), licensed=True),
    Worker("Miro Lind", "miro", ("therapist",), licensed=True),
    Worker("Cleo Hart", "cleo", ("therapist",)),  # reads and calls; emergencies and urgent flags close others
    Worker("Theo Marsh", "theo", ("trainer",)),
    Worker("Ravi Nair", "ravi", ("desk",)),
)
# Who is away from today for a week, and who stands in.
AWAY = ("miro", "dana")
HILLTOP_TEAM = (Worker("Olga Stern", "olga", ("therapist", "owner", "trainer"), licensed=True),)


@dataclass(frozen=True)
class Habit:
    """How somebody trains. `days`: weekdays (0 is Monday), or, `counted_back`, days before today and every week before:
    0, 2 and 4 make today a day to train, whatever day it is. `answers`, `keeps`: how often, 0 to 1.

    `ordinary` is the pain of a usual day; `flares` maps days ago to the pain during exercise on that day.
    """

    days: tuple[int, ...] = (0, 2, 4)
    counted_back: bool = False
    keeps: float = 0.95
    answers: float = 0.9
    ordinary: int = 1
    flares: Mapping[int, int] = field(default_factory=dict)
    next_day: Mapping[int, int] = field(default_factory=dict)
    cramps: tuple[int, ...] = ()
    shaky: tuple[int, ...] = ()
    weaker_right: float = 1.0
    words: tuple[str, ...] = ()
    notes: Mapping[int, str] = field(default_factory=dict)
    stops_after: int = 0  # silent for the last so many days
    on_paper: bool = False


@dataclass(frozen=True)
class Case:
    """One patient. `started` is days ago; `episode` what differs from an ordinary one; `shows` why they are here.

    `exempt` is LADDER:code, an answer overruled from the first day; `swap` how many days ago they took which level of
    another ladder for which of their own.
    """

    name: str
    address: str
    owner: str
    template: str
    started: int
    shows: str
    habit: Habit = field(default_factory=Habit)
    episode: Mapping[str, Any] = field(default_factory=dict)
    gates: tuple[str, ...] = ()
    path: str = ""
    equipment: tuple[str, ...] = ()
    asked_for_equipment: bool = False  # and has nothing of it
    exempt: str = ""
    swap: tuple[int, str, str] | None = None
    carer: str = ""
    second: str = ""  # template of a second problem
    set_levels: Mapping[str, str] = field(default_factory=dict)
    red_flag: tuple[int, str] | None = None
    message: str = ""
    discharged: int = 0
    follow_up: str = "close"  # what the team has done about the latest flag: wait, take, contact, snooze, close


NERVE = {"slump": "eases_looking_up", "leg_tingling": True}
CASES = (
    Case(
        "Ana Silva",
        "ana",
        "dana",
        "BALL_PROGRESSION",
        42,
        "an ordinary patient who climbs",
        Habit(counted_back=True, stops_after=1),  # today is left to whoever looks at the demo
        equipment=("exercise_ball", "mat"),
        message="The ball bridge feels easy now. Is it right that I only do one set?",
    ),
    Case(
        "Jonas Weber",
        "jonas",
        "dana",
        "NERVE_FIRST_HINGE",
        27,
        "usual pain 4, nerve glides, a flare and back",
        Habit(days=(0, 1, 2, 3, 4, 5), ordinary=4, next_day={18: 6}),
        {**NERVE, "usual_pain": 4},
        gates=("nerve_glide_cleared",),
        equipment=("chair", "broom"),
    ),
    Case(
        "Priya Nand",
        "priya",
        "dana",
        "DESK_SITTER_PROXIMAL",
        27,
        "usual pain 3 and a click that is no injury",
        Habit(days=(0, 1, 2, 3, 4), ordinary=3, words=("pop",)),
        {"usual_pain": 3, "reason": "Sits at a desk all day; hip clicks"},
        equipment=("resistance_band_light",),
    ),
    Case(
        "Marek Dvorak",
        "marek",
        "dana",
        "BALL_PROGRESSION",
        19,
        "pain 8 yesterday: a new flag",
        Habit(flares={1: 8}, days=(0, 1, 2, 3, 4, 5, 6), keeps=0.6),
        equipment=("exercise_ball",),
        follow_up="wait",
    ),
    Case(
        "Lena Fischer",
        "lena",
        "miro",
        "SQUAT_AND_SINGLE_LEG",
        23,
        "weaker right side; thirty reps seen, the log still ahead; poor balance, allowed beside a rail",
        Habit(weaker_right=0.8),
        {"contraindications": ["poor_balance_without_support"]},
        gates=("sld_30_each_slow",),
        exempt="SLD:poor_balance_without_support",
        set_levels={"SLD": "SLD-3"},
        equipment=("bench",),
    ),
    Case(
        "Tom Baker",
        "tom",
        "dana",
        "HOME_HAMSTRING_FOUNDATION",
        25,
        "stopped logging eleven days ago",
        Habit(stops_after=11),
        follow_up="take",
    ),
    Case(
        "Grace Oduya",
        "grace",
        "miro",
        "BALL_PROGRESSION",
        21,
        "two problems in one program",
        Habit(days=(0, 2, 4, 5)),
        second="HINGE_REEDUCATION",
        equipment=("exercise_ball",),
    ),
    Case(
        "Edith Moor",
        "",
        "dana",
        "HOME_HAMSTRING_FOUNDATION",
        21,
        "no e-mail: printed sheet, logs entered by the desk; nothing at home to exercise with",
        Habit(on_paper=True, answers=0.5),
        asked_for_equipment=True,
    ),
    Case(
        "Noor Haddad",
        "noor",
        "miro",
        "HINGE_REEDUCATION",
        18,
        "looked after by a carer; swapped one moving stretch for another",
        Habit(days=(0, 1, 3, 4, 5), shaky=(12, 10), flares={2: 6}),
        swap=(16, "DYN-1", "BDS-1"),
        carer="Samira Haddad",
    ),
    Case(
        "Ben Carter",
        "ben",
        "dana",
        "HOME_HAMSTRING_FOUNDATION",
        16,
        "new numbness two days ago: everything held, urgent",
        red_flag=(2, "new_numb_tingle"),
        follow_up="contact",
    ),
    Case(
        "Vera Lang",
        "vera",
        "miro",
        "SQUAT_AND_SINGLE_LEG",
        19,
        "a new weakness last night: urgent, and nobody has called yet",
        Habit(days=(0, 1, 3, 5)),
        equipment=("bench",),
        red_flag=(1, "new_weakness"),
        follow_up="wait",
    ),
    Case(
        "Iris Holm",
        "iris",
        "miro",
        "MOBILITY_TO_LOADED_HINGE",
        20,
        "cramps, put aside until the visit",
        Habit(cramps=tuple(range(13))),
        equipment=("mobility_band", "anchor_point"),
        follow_up="snooze",
    ),
    Case(
        "Paul Aster",
        "paul",
        "dana",
        "BALL_PROGRESSION",
        55,
        "discharged last week, well",
        equipment=("exercise_ball",),
        discharged=6,
    ),
    Case(
        "Kim Novak",
        "kim",
        "",
        "BALL_PROGRESSION",
        3,
        "just started, nobody's patient yet",
        equipment=("exercise_ball",),
    ),
)
HILLTOP_CASES = (
    Case(
        "Walt Rivers",
        "walt",
        "olga",
        "BALL_PROGRESSION",
        20,
        "a patient of the other clinic, in another zone",
        equipment=("exercise_ball",),
    ),
)


@dataclass(frozen=True)
class Asker:
    """Somebody who asked for the free trial `asked` days ago, and how far it has come."""

    name: str
    address: str
    asked: int
    state: str
    complaint: str
    birth_year: int = 1988
    postcode: str = "SE10 9NF"
    red_flags: tuple[str, ...] = ()
    habit: Habit = field(default_factory=lambda: Habit(days=(0, 1, 3, 4, 6)))
    reason: str = ""


ASKERS = (
    Asker("Hugo Prior", "hugo", 1, "submitted", "Stiff at the back of both thighs after running."),
    Asker("Leah Stone", "leah", 1, "confirmed", "Sitting all day; sore below the left buttock."),
    Asker("Oskar Blum", "oskar", 1, "confirmed", "Pulls when I bend down.", postcode="GU1 3XA"),
    Asker("Mina Roth", "mina", 2, "confirmed", "The pain keeps me up.", red_flags=("night_pain_unrelenting",)),
    Asker("Carl Voss", "carl", 4, "declined", "Back pain for years.", reason="Needs a visit first, not a trial."),
    Asker("Jade Omar", "jade", 3, "accepted", "Weak hamstrings after a long break."),
    Asker("Felix Ahn", "felix", 5, "booked", "Tight hamstrings, wants to play football again."),
    Asker("Nadia Petrov", "nadia", 10, "active", "Cannot sit through a film."),
    Asker("Sven Hall", "sven", 20, "over", "Hamstring tired after climbing stairs."),
    Asker("Rosa Campo", "rosa", 21, "converted", "Hip feels weak on one side."),
    Asker("Dev Shah", "dev", 15, "withdrawn", "Sore after cycling.", reason="time"),
)
