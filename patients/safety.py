"""What the patient reads at once when something must stop. The text follows what was held; severity adds urgency.

Source of the wording: handbook 3.6. Nothing here says "your therapist has been told": nobody has seen it yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Clinic
from clinic.zones import zone
from patients.models import Hold
from patients.models.assignment import HoldScope
from programs.models.exercise import Region


@dataclass(frozen=True)
class Safety:
    """`kind` picks the look: emergency, plan, region or item. `call` is the number behind the button."""

    kind: str
    severity: int
    heading: str
    text: str
    urgent: str
    call: str


def safety_of(holds: Sequence[Hold], clinic: Clinic, *, now: datetime) -> Safety | None:
    """The message for the most severe and widest of `holds`; None if nothing is held."""
    if not holds:
        return None
    width = {HoldScope.PLAN: 0, HoldScope.REGION: 1, HoldScope.ITEM: 2}
    hold = min(holds, key=lambda one: (one.severity > 1, width[HoldScope(one.scope)], one.severity))
    if hold.severity == 1:
        return _emergency(clinic)
    return _held(hold, clinic)


def before_care(severity: int, clinic: Clinic) -> Safety | None:
    """The message for somebody who is not a patient yet: nothing is held, and nobody is promised a call."""
    if severity == 1:
        text = _(
            "These signs can be an emergency. Call %(number)s or go to the nearest emergency department now. "
            "Do not wait for us: this site is not watched all the time."
        )
        return replace(_emergency(clinic), text=text % {"number": clinic.emergency_number})
    if severity == 2:
        return Safety(
            kind=HoldScope.PLAN.value,
            severity=2,
            heading=_("Please do no exercises until a clinician has looked at this"),
            text=_(
                "If it gets worse, or you notice numbness between the legs, bladder or bowel change, or weakness in "
                "both legs, call %(emergency)s."
            )
            % {"emergency": clinic.emergency_number},
            urgent=_today(clinic),
            call=clinic.phone,
        )
    return None


def _emergency(clinic: Clinic) -> Safety:
    return Safety(
        kind="emergency",
        severity=1,
        heading=_("Call %(number)s now") % {"number": clinic.emergency_number},
        text=_(
            "These signs can be an emergency. Call %(number)s or go to the nearest emergency department now. "
            "Do not wait for us: this site is not watched all the time. Your exercises are switched off."
        )
        % {"number": clinic.emergency_number},
        urgent="",
        call=clinic.emergency_number,
    )


def _held(hold: Hold, clinic: Clinic) -> Safety:
    due = _due(hold, clinic)
    numbers = {"due": due, "phone": clinic.phone, "emergency": clinic.emergency_number}
    headings = {
        HoldScope.PLAN: _("Stop all your exercises"),
        HoldScope.REGION: _("Stop the exercises for this area"),
        HoldScope.ITEM: _("Stop this exercise"),
    }
    texts = {
        HoldScope.PLAN: _(
            "Please stop all your exercises until we have spoken. This is on your clinic's list; %(due)s "
            "If it gets worse, or you notice numbness between the legs, bladder or bowel change, or weakness in both "
            "legs, call %(emergency)s."
        ),
        HoldScope.REGION: _(
            "Stop the exercises for this area (%(area)s). It is on your clinic's list; %(due)s "
            "If it gets worse call %(phone)s."
        ),
        HoldScope.ITEM: _(
            "Stop this exercise. It is on your clinic's list; %(due)s "
            "The other exercises may go on while they stay comfortable."
        ),
    }
    scope = HoldScope(hold.scope)
    area = str(dict(Region.choices).get(hold.region, hold.region)).lower()
    return Safety(
        kind=scope.value,
        severity=hold.severity,
        heading=headings[scope],
        text=texts[scope] % (numbers | {"area": area}),
        urgent=_today(clinic) if hold.severity == 2 else "",
        call=clinic.phone,
    )


def _today(clinic: Clinic) -> str:
    """Severity 2 is for today, whatever the clinic's hours are."""
    if clinic.urgent_care:
        text = _("Get medical advice today: call us on %(phone)s; if we are closed use %(urgent)s.")
        return text % {"phone": clinic.phone, "urgent": clinic.urgent_care}
    return _("Get medical advice today: call us on %(phone)s, or an out-of-hours service if we are closed.") % {
        "phone": clinic.phone
    }


def _due(hold: Hold, clinic: Clinic) -> str:
    if hold.contact_due is None:
        return _("we will contact you.")
    local = hold.contact_due.astimezone(zone(clinic.zone))
    return _("we aim to contact you by %(when)s.") % {"when": date_format(local, "l j F, H:i")}
