"""Forms of the house: signing in, the team, the clinic's settings."""

from datetime import time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic, Membership, Role
from clinic.plain_errors import PlainErrors
from clinic.refusals import Refused
from clinic.zone_field import ZoneField

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
LONG = forms.Textarea(attrs={"rows": 3})
NO_ADDRESS = dict.fromkeys(("required", "invalid"), _("Enter an e-mail address, like name@example.org."))


class VerbForm(PlainErrors, forms.Form):
    """A form whose verb may refuse: what it refuses stands at the field it names."""

    def show(self, refusal: Refused) -> None:
        for field, text in refusal.errors.items():
            self.add_error(field if field in self.fields else None, text)
        if not refusal.errors:
            self.add_error(None, str(refusal))


class AddressForm(VerbForm):
    email = forms.EmailField(
        label=_("E-mail"),
        error_messages=NO_ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )


class CodeForm(VerbForm):
    code = forms.CharField(
        label=_("Six-digit code"),
        error_messages={"required": _("Type the six digits from the mail.")},
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "code-input",
                "autofocus": True,
            }
        ),
    )

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        if not (code.isascii() and code.isdigit() and len(code) == 6):
            raise forms.ValidationError(gettext("A code has six digits, like 123 456."))
        return code


class PasswordForm(VerbForm):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(VerbForm):
    password = forms.CharField(
        label=_("New password"),
        max_length=256,
        strip=False,
        help_text=_("12 characters or more. A few words in a row are easy to keep in mind and hard to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ChangePasswordForm(NewPasswordForm):
    current = forms.CharField(
        label=_("Current password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    field_order = ["current", "password"]


class RolesForm(VerbForm):
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    licensed = forms.BooleanField(
        label=_("Licensed clinician"),
        required=False,
        help_text=_("May close emergency and urgent flags, and accept trials."),
    )

    @staticmethod
    def of(membership: Membership) -> dict[str, Any]:
        return {"roles": [role.value for role in Role if role in membership.roles], "licensed": membership.licensed}


class InviteForm(RolesForm):
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    field_order = ["name", "email", "roles", "licensed"]


class ReasonForm(VerbForm):
    reason = forms.CharField(
        label=_("How did you make sure who is asking?"),
        max_length=300,
        help_text=_("For example: met in person; called back on the number in the personnel file."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WordsField(forms.CharField):
    """A list of short words, kept as a list and written on one line with commas."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [word.strip() for word in (value or "").split(",") if word.strip()]


class ClinicForm(PlainErrors, forms.ModelForm):  # type: ignore[type-arg]
    """The clinic's settings. Phone and emergency number stay required: a portal without them is closed."""

    class Meta:
        model = Clinic
        fields = [
            "name",
            "short_name",
            "phone",
            "emergency_number",
            "urgent_care",
            "email",
            "zone",
            "mail_detail",
            "password_words",
            "looks_name_staff",
            "caseload_only",
            "retention_years",
            "trial_open",
            "service_area",
            "band_colours",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].required = True
        self.fields["emergency_number"].required = True
        self.fields["zone"] = ZoneField()
        self.fields["trial_open"].help_text = _("People may ask for a free two-week trial on the public form.")
        self.fields["service_area"] = WordsField(
            label=_("Trial postcodes"),
            required=False,
            help_text=_("Beginnings of postcodes, with commas between: M1, M2. Empty is everywhere."),
        )
        self.fields["password_words"] = WordsField(
            label=_("Words no password may hold"),
            required=False,
            help_text=_("Beside the clinic’s and the person’s own names: your street, your team. With commas between."),
        )
        self.fields["band_colours"] = WordsField(
            label=_("Band colours, lightest first"),
            required=False,
            help_text=_("With commas between: tan, yellow, red. Patients read the colour beside the band."),
        )
        for day, name in WEEKDAYS.items():
            opens, closes = self.instance.staffed_hours.get(str(day)) or ("", "")
            for key, label, value in (
                (f"from_{day}", gettext("%(day)s, from"), opens),
                (f"to_{day}", gettext("%(day)s, until"), closes),
            ):
                words = label % {"day": name}
                self.fields[key] = forms.TimeField(
                    label=words,
                    required=False,
                    initial=value or None,
                    widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "aria-label": words}),
                )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for day, name in WEEKDAYS.items():
            opens, closes = cleaned.get(f"from_{day}"), cleaned.get(f"to_{day}")
            if bool(opens) != bool(closes) or (opens and closes and opens >= closes):
                text = gettext("%(day)s: give both times, the later one last, or leave both empty.")
                self.add_error(f"from_{day}", text % {"day": name})
        return cleaned

    def staffed_hours(self) -> dict[str, list[str]]:
        """Weekday ("0" is Monday) to opening and closing time; a day that is not staffed is left out."""
        hours: dict[str, list[str]] = {}
        for day in WEEKDAYS:
            opens, closes = self.cleaned_data[f"from_{day}"], self.cleaned_data[f"to_{day}"]
            if isinstance(opens, time) and isinstance(closes, time):
                hours[str(day)] = [opens.strftime("%H:%M"), closes.strftime("%H:%M")]
        return hours

    def day_fields(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [(str(name), self[f"from_{day}"], self[f"to_{day}"]) for day, name in WEEKDAYS.items()]

    def plain_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.Meta.fields]
