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
from patients.holding import WIDTH
from patients.models import Hold
from patients.models.hold import HoldScope
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
    """One message for all of `holds`; None if nothing is held.

    The widest gives the words, the most severe the urgency, the earliest due time the promise: a plan held for
    something that can wait until tomorrow must not hide that the knee beside it wants advice today.
    """
    if not holds:
        return None
    if min(hold.severity for hold in holds) == 1:
        return _emergency(clinic)
    return _held(holds, clinic, now=now)


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


def after_care(severity: int, clinic: Clinic) -> Safety:
    """The message once care has ended: nothing is stored, nothing is held, and nobody is promised a call."""
    if severity == 1 and (emergency := before_care(1, clinic)):
        return emergency
    return Safety(
        kind=HoldScope.PLAN.value,
        severity=severity,
        heading=_("Please stop, and call the clinic"),
        text=_("Nobody reads this any more: call %(phone)s. If it gets worse call %(emergency)s.")
        % {"phone": clinic.phone, "emergency": clinic.emergency_number},
        urgent=_today(clinic) if severity == 2 else "",
        call=clinic.phone,
    )


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


def _held(holds: Sequence[Hold], clinic: Clinic, *, now: datetime) -> Safety:
    scope = max((HoldScope(hold.scope) for hold in holds), key=WIDTH.__getitem__)
    severity = min(hold.severity for hold in holds)
    names = _names(holds) if scope == HoldScope.REGION or (scope == HoldScope.ITEM and len(holds) > 1) else []
    heading, text = _several(len(names)) if scope == HoldScope.ITEM and len(names) > 1 else _words(scope)
    numbers = {"due": _due(holds, clinic, now=now), "phone": clinic.phone, "emergency": clinic.emergency_number}
    return Safety(
        kind=scope.value,
        severity=severity,
        heading=heading,
        text=text % (numbers | {"names": ", ".join(names)}),
        urgent=_today(clinic) if severity == 2 else "",
        call=clinic.phone,
    )


def _words(scope: HoldScope) -> tuple[str, str]:
    if scope == HoldScope.PLAN:
        return _("Stop all your exercises"), _(
            "Please stop all your exercises until we have spoken. This is on your clinic's list; %(due)s "
            "If it gets worse, or you notice numbness between the legs, bladder or bowel change, or weakness in both "
            "legs, call %(emergency)s."
        )
    if scope == HoldScope.REGION:
        return _("Stop the exercises for this area"), _(
            "Stop the exercises for this area (%(names)s). It is on your clinic's list; %(due)s "
            "If it gets worse call %(phone)s."
        )
    return _("Stop this exercise"), _(
        "Stop this exercise. It is on your clinic's list; %(due)s "
        "The other exercises may go on while they stay comfortable."
    )


def _several(count: int) -> tuple[str, str]:
    return _("Stop these %(count)d exercises") % {"count": count}, _(
        "Stop these exercises: %(names)s. They are on your clinic's list; %(due)s "
        "The other exercises may go on while they stay comfortable."
    )


def _names(holds: Sequence[Hold]) -> list[str]:
    """The areas that are held, and by name each exercise held outside of them."""
    labels = dict(Region.choices)
    areas = {hold.region for hold in holds if hold.scope == HoldScope.REGION}
    alone = [hold.item for hold in holds if hold.scope == HoldScope.ITEM and hold.region not in areas]
    names = [str(labels.get(area, area)).lower() for area in sorted(areas)]
    return [*dict.fromkeys([*names, *(item.name for item in alone if item)])]


def _today(clinic: Clinic) -> str:
    """Severity 2 is for today, whatever the clinic's hours are."""
    if clinic.urgent_care:
        text = _("Get medical advice today: call us on %(phone)s; if we are closed use %(urgent)s.")
        return text % {"phone": clinic.phone, "urgent": clinic.urgent_care}
    return _("Get medical advice today: call us on %(phone)s, or an out-of-hours service if we are closed.") % {
        "phone": clinic.phone
    }


def _due(holds: Sequence[Hold], clinic: Clinic, *, now: datetime) -> str:
    """When we mean to call, in the clinic's zone. A time that has passed is not promised again."""
    due = min((hold.contact_due for hold in holds if hold.contact_due), default=None)
    if due is None:
        return _("we will contact you.")
    if due <= now:
        return _("we are late with this: please call us on %(phone)s.") % {"phone": clinic.phone}
    return _("we aim to contact you by %(when)s.") % {
        "when": date_format(due.astimezone(zone(clinic.zone)), "l j F, H:i")
    }
