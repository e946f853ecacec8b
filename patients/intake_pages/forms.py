"""The trial form in two steps: warning signs first, and only then who somebody is."""

from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.forms import NO_ADDRESS, VerbForm
from clinic.models import Clinic
from patients.consent_texts import words_of
from patients.models.consent import ConsentKind
from patients.models.episode import BodySide
from patients.red_flag_words import RED_FLAG_WORDS
from patients.screening import PAYER_REVIEW
from patients.trial_terms import TERMS

STARTED_SALT = "patients.intake_pages.started"
QUICKEST = 4  # seconds in which no person fills in the form

HISTORY_WORDS: dict[str, Promise | str] = {
    "surgery_12_weeks": _("Surgery in the last 12 weeks"),
    "pregnant": _("Pregnant"),
    "blood_thinners": _("Taking blood thinners"),
    "cancer_history": _("Cancer, now or in the past"),
    "chest_on_effort": _("Chest pain, dizziness or fainting on effort"),
    PAYER_REVIEW: _("A government programme pays for my health care (such as Medicare or Medicaid)"),
}


def started_at(now: datetime) -> str:
    """Goes into the form as a hidden field: when it was shown."""
    return signing.dumps(int(now.timestamp()), salt=STARTED_SALT)


def too_quick(started: str, now: datetime) -> bool:
    try:
        return now.timestamp() - int(signing.loads(started, salt=STARTED_SALT)) < QUICKEST
    except (signing.BadSignature, ValueError, TypeError):
        return True


NONE = "none"  # of the warning signs: an answer of its own, so that nobody passes by not reading


SIGNS = [*RED_FLAG_WORDS.items(), (NONE, _("None of these"))]


class SignsForm(VerbForm):
    red_flags = forms.MultipleChoiceField(
        label=_("Do you have any of these now?"),
        choices=SIGNS,
        error_messages={"required": _("Tick what you have, or “None of these” at the end.")},
        widget=forms.CheckboxSelectMultiple,
    )


class TrialForm(VerbForm):
    """The second step. What must be there is said by the verb, so that every door says the same."""

    red_flags = forms.MultipleChoiceField(required=False, choices=SIGNS, widget=forms.MultipleHiddenInput)
    started = forms.CharField(required=False, widget=forms.HiddenInput)
    # People never see this field; programs that fill in every field do.
    website = forms.CharField(label=_("Leave this empty"), required=False, widget=forms.TextInput)

    name = forms.CharField(
        error_messages={"required": _("Enter your name.")},
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autocapitalize": "words"}),
    )
    email = forms.EmailField(
        error_messages=NO_ADDRESS,
        label=_("E-mail"),
        help_text=_("We send you a link to confirm that the address is yours."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=40,
        help_text=_("So that we can call you back if something you tell us needs it."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    birth_date = forms.DateField(
        error_messages={"required": _("Enter your date of birth."), "invalid": _("Enter a date, like 17 May 1985.")},
        label=_("Date of birth"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
    )
    postcode = forms.CharField(
        error_messages={"required": _("Enter your postcode.")},
        label=_("Postcode"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    complaint = forms.CharField(
        error_messages={"required": _("Say in a few words what brings you here.")},
        label=_("What brings you here?"),
        help_text=_("Where it hurts, since when, and what makes it better or worse. A few sentences are enough."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    side = forms.ChoiceField(label=_("Which side?"), choices=BodySide.choices, required=False, widget=forms.RadioSelect)
    pain_now = forms.TypedChoiceField(
        label=_("Pain now, at rest"), choices=[(n, n) for n in range(11)], coerce=int, empty_value=None, required=False
    )
    pain_usual = forms.TypedChoiceField(
        label=_("Pain on a usual day"),
        choices=[(n, n) for n in range(11)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    leg_tingling = forms.TypedChoiceField(
        label=_("Tingling or numbness below the knee?"),
        choices=[("yes", _("Yes")), ("no", _("No")), ("unsure", _("Not sure"))],
        coerce={"yes": True, "no": False, "unsure": None}.__getitem__,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    history = forms.MultipleChoiceField(
        label=_("Does any of this apply to you?"),
        choices=list(HISTORY_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    goals = forms.CharField(
        label=_("What would you like to be able to do again?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        words = words_of(clinic)
        for term in TERMS:
            # The privacy notice itself stands beside its box.
            label = str(term.text) if term.kind == ConsentKind.PRIVACY else words[str(term.kind)]
            text = gettext("Without this we cannot offer the trial.")
            self.fields[term.field] = forms.BooleanField(
                label=label, required=term.required, error_messages={"required": text}
            )
        self.fields["website"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        if not clinic.zone.startswith("America/"):  # the rule is about federal programmes of the United States
            self.fields["history"].choices = [one for one in HISTORY_WORDS.items() if one[0] != PAYER_REVIEW]  # type: ignore[attr-defined]

    def answers(self) -> dict[str, Any]:
        """What was understood, for the verb; of a field at fault, the words as typed where the verb takes words."""
        given = {name: self.cleaned_data.get(name) for name in self.fields}
        words = ("name", "email", "phone", "postcode", "complaint", "side", "goals")
        return {
            **{name: given[name] or self.data.get(name, "") for name in words},
            **{name: given[name] for name in ("birth_date", "pain_now", "pain_usual", "leg_tingling")},
            "history": given["history"] or [],
            "consents": [str(term.kind) for term in TERMS if given[term.field]],
        }

    def must_agree(self) -> list[forms.BoundField]:
        return [self[term.field] for term in TERMS if term.required]

    def may_agree(self) -> list[forms.BoundField]:
        return [self[term.field] for term in TERMS if not term.required]
