"""The warning signs in the patient's words (handbook 3.1), for every form that asks "anything new or worrying?"."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The order of the list on the screen: what may be an emergency first.
RED_FLAG_WORDS: dict[str, Promise | str] = {
    "saddle_numbness": _("Numb or strange feeling between the legs or around the back passage"),
    "bladder_change": _("New trouble starting, feeling or holding urine"),
    "bowel_change": _("New loss of bowel control or feeling"),
    "sexual_function_change": _("New loss of genital feeling or function"),
    "both_legs_pain_or_numb": _(
        "Pain shooting down, numbness or weakness in both legs, other than ordinary muscle soreness"
    ),
    "chest_pain": _("Chest pain"),
    "short_of_breath": _("Short of breath at rest, or far more than the effort explains"),
    "new_weakness": _("A leg gives way or is clearly weaker than before"),
    "foot_drop": _("A foot drags or slaps"),
    "calf_swollen_warm": _("One calf clearly bigger, warm or tender"),
    "whole_leg_swollen": _("A whole leg is swollen"),
    "fever_unwell": _("Fever, chills, or feeling ill along with the back or leg pain"),
    "cannot_bear_weight": _("Cannot take weight on the leg"),
    "major_fall": _("A bad fall or an accident"),
    "acute_event": _("A sudden pop or tear with pain or lost strength, a big bruise, or too sore to sit on"),
    "new_numb_tingle": _("New, worse or spreading numbness or tingling"),
    "night_pain_unrelenting": _("Pain at night that never eases"),
    "weight_loss": _("Losing weight without trying"),
    "cancer_history_new_pain": _("Had cancer in the past, and this pain is new"),
}

NEURO_WORDS: dict[str, Promise | str] = {
    "weakness": _("New weakness in a leg or foot"),
    "numb_or_tingle_new": _("New numbness or tingling"),
}
