"""When and how a patient wants to hear from the clinic. The post reads these rows; nothing here knows the post."""

from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import offered_zones
from patients.models import Patient, Preferences
from patients.models.preferences import WEEKDAYS

# What one link at the end of a mail switches off.
LISTS = {"reminders": "reminders", "check_ins": "check_ins", "trial": "trial_mails"}


@transaction.atomic
def set_preferences(
    patient: Patient,
    *,
    zone: str | None = None,
    reminder_time: time | None = None,
    week: Sequence[time | None] | None = None,
    quiet_from: time | None = None,
    quiet_to: time | None = None,
    reminders: bool | None = None,
    check_ins: bool | None = None,
    trial_mails: bool | None = None,
    language: str | None = None,
    actor: User | None,
    now: datetime,
) -> Preferences:
    """Change what is given, keep the rest. A new time or zone holds from the next mail on.

    `week` is a time for each weekday, Monday first, with None for no mail on that day; empty, or without any time, it
    makes `reminder_time` that of every day.

    Raises Refused naming the field: an unknown zone, or a time that the quiet hours leave no room for that day.
    """
    preferences = Preferences.objects.select_for_update().get(patient=patient)
    given: dict[str, Any] = {
        "reminder_time": reminder_time,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "reminders": reminders,
        "check_ins": check_ins,
        "trial_mails": trial_mails,
        "language": language,
    }
    for name, value in given.items():
        if value is not None:
            setattr(preferences, name, value)
    if week is not None:
        for name, at in zip_longest(WEEKDAYS, week):
            setattr(preferences, name, at)
    if errors := _faults(preferences, zone):
        raise Refused(_("Your settings were not changed."), errors)
    if zone:
        patient.zone = zone
        patient.save(update_fields=["zone"])
    preferences.is_planned = False
    preferences.save()
    audit.note("change", preferences, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return preferences


@transaction.atomic
def pause_mails(patient: Patient, *, until: date | None, actor: User | None, now: datetime) -> Preferences:
    """No reminders before the local date `until`; None ends the pause. Safety mails and sign-in codes still come."""
    preferences = Preferences.objects.select_for_update().get(patient=patient)
    preferences.paused_until = until
    preferences.save(update_fields=["paused_until"])
    audit.note("pause_mails", preferences, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return preferences


@transaction.atomic
def unsubscribe(patient: Patient, list_name: str, *, actor: User | None, now: datetime) -> bool:
    """Switch one kind of mail off; False if it was off. `list_name` is one of LISTS; the same again changes nothing."""
    field = LISTS[list_name]
    changed = Preferences.objects.filter(patient=patient, **{field: True}).update(**{field: False})
    if changed:
        preferences = Preferences(patient=patient)
        audit.note("unsubscribe", preferences, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return bool(changed)


def _faults(preferences: Preferences, zone: str | None) -> dict[str, str]:
    errors = {}
    if zone and zone not in offered_zones():
        errors["zone"] = _("%(zone)s is not a time zone: take one like Europe/London.") % {"zone": zone}
    return errors | {
        name: _is_quiet(at, preferences)
        for name in ("reminder_time", *WEEKDAYS)
        if (at := getattr(preferences, name)) and preferences.quiet_to < preferences.quiet_from <= at
    }


def _is_quiet(at: time, preferences: Preferences) -> str:
    text = _("%(at)s is inside your quiet hours (%(start)s to %(end)s). Choose an earlier time.")
    start, end = preferences.quiet_from, preferences.quiet_to
    return text % {"at": f"{at:%H:%M}", "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
