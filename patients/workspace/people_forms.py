"""Forms about people: patients, carers, consents, and who takes over from a colleague."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import DAY, VerbForm
from clinic.models import User
from clinic.zone_field import ZoneField
from patients.models import Patient
from patients.models.consent import ConsentKind


class ContactForm(VerbForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    called = forms.CharField(label=gettext_lazy("Likes to be called"), max_length=60, required=False)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Opens the portal. Without one the clinic prints a sheet and enters sessions."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    birth_date = forms.DateField(label=gettext_lazy("Date of birth"), required=False, widget=DAY)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=20, required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Therapist"), required=False)
    zone = ZoneField()
    equipment = forms.CharField(
        label=gettext_lazy("Equipment at home"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("Words separated by commas: exercise ball, dowel, chair."),
    )

    def __init__(self, data: Any = None, *, therapists: Iterable[User], zone: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.people = {str(user.pk): user for user in therapists}
        nobody = [("", _("Nobody yet"))]
        self.fields["owner"].choices = nobody + [(pk, user.name) for pk, user in self.people.items()]  # type: ignore[attr-defined]
        self.fields["zone"].initial = zone

    def values(self) -> dict[str, Any]:
        """What the verbs take: the therapist as a person, equipment as the codes of the library."""
        given = dict(self.cleaned_data)
        given["owner"] = self.people.get(given["owner"])
        words = given["equipment"].split(",")
        given["equipment"] = [word.strip().lower().replace(" ", "_") for word in words if word.strip()]
        return given


class KnownContactForm(ContactForm):
    email = None  # type: ignore[assignment]  # has a page of its own
    emergency_contact = forms.CharField(label=gettext_lazy("Emergency contact"), max_length=160, required=False)

    @staticmethod
    def of(patient: Patient) -> dict[str, Any]:
        identity = patient.identity
        names = ("name", "called", "phone", "birth_date", "postcode", "emergency_contact")
        return {name: getattr(identity, name) for name in names} | {
            "owner": str(patient.owner_id or ""),
            "zone": patient.zone,
            "equipment": ", ".join(code.replace("_", " ") for code in patient.equipment),
        }


class PatientAddressForm(VerbForm):
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Empty takes the portal away: the clinic prints a sheet and enters sessions."),
    )


class HandOverForm(VerbForm):
    """Who takes over the patients and flags of somebody who leaves."""

    def __init__(self, *args: Any, therapists: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(user.pk): user for user in therapists}
        names = [(pk, user.name) for pk, user in self.known.items()]
        self.fields["to"] = forms.ChoiceField(
            label=_("Who takes over"), required=False, choices=[("", _("Choose a therapist")), *names]
        )

    def chosen(self) -> User | None:
        self.full_clean()
        return self.known.get(self.cleaned_data.get("to", ""))


class CarerForm(VerbForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    user_email = forms.EmailField(
        label=gettext_lazy("E-mail"), help_text=gettext_lazy("Signs in with it and sees the portal of this patient.")
    )
    relation = forms.CharField(label=gettext_lazy("Relation"), max_length=40)

    def show(self, refusal: Any) -> None:
        if "email" in refusal.errors:
            refusal.errors["user_email"] = refusal.errors.pop("email")
        super().show(refusal)


class ConsentsForm(VerbForm):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Signed on paper"),
        required=False,
        choices=ConsentKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Tick what the paper says. Taking a tick away withdraws the consent today."),
    )
