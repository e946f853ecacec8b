"""What may rule an exercise out, in words a therapist ticks: the codes of the library beside their plain meaning."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from programs.nerve import POSITIVE, UNKNOWN

WORDS: dict[str, Promise | str] = {
    "red_flag": _("A warning sign that is not cleared"),
    "open_stop_or_red_flag": _("An exercise stopped or a warning sign not cleared"),
    "surgery_or_fracture_not_cleared": _("Surgery or a fracture that is not cleared for exercise"),
    "hip_replacement_or_surgery_not_cleared": _("Hip replacement or hip surgery that is not cleared"),
    "latex_allergy_if_latex_band": _("Latex allergy, and only latex bands at hand"),
    "no_secure_anchor": _("No firm place to fix a band"),
    "irritable_nerve_signs": _("Nerve signs that flare easily"),
    "cannot_lie_flat": _("Cannot lie flat"),
    "cannot_kneel": _("Cannot kneel"),
    "ball_bridge_not_steady": _("Cannot hold the ball bridge steady yet"),
    "unstable_furniture": _("No steady furniture at home"),
    "cannot_take_full_weight": _("Cannot take full weight on the leg"),
    "cannot_stand_on_one_leg_with_support": _("Cannot stand on one leg even with support"),
    "poor_balance_without_support": _("Poor balance without support"),
    "spine_position_not_controllable_even_kneeling_ask_therapist": _("Cannot keep the back still even when kneeling"),
    "progressive_weakness": _("Weakness that gets worse"),
    "progressive_deficit": _("Loss of strength or feeling that gets worse"),
    "cauda_equina_item": _("A sign of pressure on the nerves of bladder and bowel"),
    "constant_leg_pain_ge_7": _("Constant leg pain of 7 or more"),
    "nerve_screen_positive_and_pressure_reproduces_leg_symptoms": _(
        "Nerve screen positive, and pressure brings on the leg symptoms"
    ),
    "anticoagulant_or_bruising_ask_therapist": _("Blood thinners, or bruises easily"),
    "front_of_hip_pinch": _("Pinching at the front of the hip"),
    "fresh_strain_under_5_days_not_cleared": _("A strain less than 5 days old that is not cleared"),
    "new_foot_numbness_unassessed": _("New numbness of the foot that nobody has looked at"),
}

# What the nerve screen rules out; the codes are those of a ladder's own list.
NERVE: dict[str, tuple[Promise, Promise]] = {
    POSITIVE: (
        _("the nerve screen is positive: no held stretch"),
        _("a check of the nerve says that held stretches are not for you now"),
    ),
    UNKNOWN: (
        _("no nerve screen has cleared this yet, and unknown counts as positive: no held stretch"),
        _("it is not clear yet whether a nerve is irritated, and until then held stretches are not for you"),
    ),
}

# Answered elsewhere: by the slump screen, by a gate, or by the exercises that are running.
ANSWERED_ELSEWHERE = {POSITIVE, UNKNOWN, "hinge_3_points_not_met"}


def askable(codes: Iterable[str]) -> list[tuple[str, str]]:
    """(code, words) of what has to be asked, each once, in the order of the words."""
    asked = {code for code in codes if code not in ANSWERED_ELSEWHERE and not code.startswith("active ")}
    return sorted(((code, in_plain_words(code)) for code in asked), key=lambda pair: pair[1].casefold())


def in_plain_words(code: str) -> str:
    return str(WORDS[code]) if code in WORDS else code.replace("_", " ").capitalize()


def for_staff(code: str) -> str:
    """Why a code rules an exercise out, as the therapist reads it."""
    if code in NERVE:
        return str(NERVE[code][0])
    return gettext("recorded for this patient: %(what)s") % {"what": _inside(in_plain_words(code))}


def for_patient(code: str) -> str:
    """The same, as the patient reads it."""
    if code in NERVE:
        return str(NERVE[code][1])
    return gettext("your clinic has noted: %(what)s") % {"what": _inside(in_plain_words(code))}


def _inside(words: str) -> str:
    """Words that stood at the start of a line, now inside a sentence."""
    return words[:1].lower() + words[1:]
