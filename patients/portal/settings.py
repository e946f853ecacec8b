"""Settings: when and how the clinic writes, what was agreed to, and who looked at the record."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import DAY, VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.zone_field import ZoneField
from patients.looked import looks_at
from patients.models import Preferences
from patients.models.consent import ConsentKind
from patients.models.preferences import WEEKDAYS
from patients.portal.address import may_change_address
from patients.portal.consents import consent_lines
from patients.portal.page import PortalPage
from patients.preferences import pause_mails, set_preferences
from programs.equipment import thing_words

CLOCK = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
NO_TIME = dict.fromkeys(("required", "invalid"), gettext_lazy("Enter a time, like 18:00."))
NO_DAY = dict.fromkeys(("required", "invalid"), gettext_lazy("Choose a day."))
FOR_DAILY_MAILS = (ConsentKind.EMAIL, ConsentKind.REMINDERS)  # without these no daily mail goes out
LONGEST_PAUSE = timedelta(days=366)


class SettingsForm(VerbForm):
    """One time goes for every day, until somebody asks for others: then each weekday has its own, or no mail."""

    reminder_time = forms.TimeField(label=gettext_lazy("Remind me at"), error_messages=NO_TIME, widget=CLOCK)
    by_weekday = forms.BooleanField(label=gettext_lazy("Different times on some days"), required=False)
    quiet_from = forms.TimeField(label=gettext_lazy("No mails from"), error_messages=NO_TIME, widget=CLOCK)
    quiet_to = forms.TimeField(label=gettext_lazy("No mails until"), error_messages=NO_TIME, widget=CLOCK)
    zone = ZoneField()
    reminders = forms.BooleanField(label=gettext_lazy("Daily reminder, if nothing is logged"), required=False)
    check_ins = forms.BooleanField(label=gettext_lazy("The next-day question"), required=False)
    trial_mails = forms.BooleanField(label=gettext_lazy("Mails about a trial"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS):
            label = DAY_NAMES[number]
            self.fields[name] = forms.TimeField(label=label, required=False, error_messages=NO_TIME, widget=CLOCK)

    @classmethod
    def of(cls, preferences: Preferences, zone: str) -> "SettingsForm":
        """The form as it is stored. Days are filled in either way: who asks for others changes what differs."""
        initial = {name: getattr(preferences, name) for name in cls.base_fields if hasattr(preferences, name)}
        week = dict(zip(WEEKDAYS, preferences.week, strict=True))
        return cls(initial=initial | week | {"zone": zone})

    def clean(self) -> dict[str, Any]:
        """The times of the days count only where they were asked for."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        days = [cleaned.pop(name, None) for name in WEEKDAYS]
        if not cleaned.pop("by_weekday"):
            for name in WEEKDAYS:
                self.errors.pop(name, None)
            return cleaned | {"week": []}
        if not any(days) and not self.errors:
            self.add_error("by_weekday", _("Give a time on one day at least. To get no reminder, switch it off below."))
        return cleaned | {"week": days}

    def days(self) -> list[forms.BoundField]:
        return [self[name] for name in WEEKDAYS]


class PauseForm(VerbForm):
    until = forms.DateField(label=gettext_lazy("No reminders before"), error_messages=NO_DAY, widget=DAY)


class Settings(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page()

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = SettingsForm(request.POST)
        if not form.is_valid():
            return self.page(form=form)
        try:
            set_preferences(self.patient, **form.cleaned_data, actor=request.user, now=request.now)
        except Refused as refusal:
            form.show(refusal)
            return self.page(form=form)
        messages.success(request, _("Your settings are saved."))
        return redirect("portal:settings")

    def preferences(self) -> Preferences:
        return Preferences.objects.visible_to(self.request.user).get(patient=self.patient)

    def page(self, *, form: SettingsForm | None = None, pause: PauseForm | None = None) -> HttpResponse:
        preferences = self.preferences()
        consents = consent_lines(self.request, self.patient)
        return self.draw(
            "portal/settings.html",
            form=form or SettingsForm.of(preferences, self.patient.zone),
            pause=pause or PauseForm(),
            preferences=preferences,
            consents=consents,
            not_agreed=[one.kind.label for one in consents if one.kind in FOR_DAILY_MAILS and not one.given],
            own_address=self.request.user.email if may_change_address(self.request, self.patient) else "",
            things=[thing_words(code) for code in self.patient.equipment],
            looks=looks_at(self.patient),
        )


class PauseMails(Settings):
    """No reminders for a while; an empty day ends the pause."""

    def get(self, request: ClinicRequest) -> HttpResponse:
        return redirect("portal:settings")

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = PauseForm(request.POST)
        ends = "end" in request.POST
        today = timezone.localtime(request.now).date()
        if not ends and form.is_valid() and not today < form.cleaned_data["until"] <= today + LONGEST_PAUSE:
            form.add_error("until", _("Choose a day that is still to come, within a year."))
        if not ends and not form.is_valid():
            return self.page(pause=form)
        until = None if ends else form.cleaned_data["until"]
        pause_mails(self.patient, until=until, actor=request.user, now=request.now)
        told = _("Reminders pause until %(day)s.") % {"day": date_format(until, "l j F")} if until else None
        messages.success(request, told or _("Reminders are on again."))
        return redirect("portal:settings")
