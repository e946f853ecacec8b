"""What somebody is asked who tells how they are, the same in every door: staff at the phone read it out.

Pain goes from 0 to 10. What a number has to be is said by the verbs.
"""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms import LONG, VerbForm
from patients.red_flag_words import NEURO_WORDS, RED_FLAG_WORDS

WORDS = {
    "sharp": _("Sharp pain"),
    "pop": _("A pop"),
    "snap": _("A snap"),
    "tear": _("A tearing feeling"),
}
COMPARED = {"worse": _("Worse"), "same": _("Same"), "better": _("Better")}
NO_NUMBER = {"required": _("Choose a number from 0 to 10.")}


class WarningSignsForm(VerbForm):
    red_flags = forms.MultipleChoiceField(
        label=_("Do you have any of these now?"),
        required=False,
        choices=list(RED_FLAG_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    neuro = forms.MultipleChoiceField(
        label=_("New in the leg or foot"),
        required=False,
        choices=list(NEURO_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )


class AnswerForm(WarningSignsForm):
    """The next-day question: how is it since yesterday?"""

    compared = forms.ChoiceField(
        label=_("Compared with before the exercises"),
        choices=list(COMPARED.items()),
        error_messages={"required": _("Choose worse, same or better.")},
        widget=forms.RadioSelect,
    )
    pain = forms.IntegerField(label=_("Pain now"), error_messages=NO_NUMBER)

    field_order = ["compared", "pain"]


class PainForm(WarningSignsForm):
    pain = forms.IntegerField(label=_("How bad is it now?"), error_messages=NO_NUMBER)
    words = forms.MultipleChoiceField(
        label=_("What did you feel?"),
        required=False,
        choices=list(WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    strength_loss = forms.BooleanField(label=_("I lost strength at that moment"), required=False)
    note = forms.CharField(label=_("In your own words"), required=False, max_length=2000, widget=LONG)

    field_order = ["pain"]
