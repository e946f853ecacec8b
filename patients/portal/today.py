"""Today: what is asked of the patient now, what is held, and the question about yesterday."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.requests import ClinicRequest
from patients.models import Hold
from patients.plan import Today, today
from patients.portal.page import PortalPage
from patients.program_news import unread_news
from patients.safety import safety_of
from patients.told_forms import AnswerForm

URGENT = 2  # this severity and the one above it are for today

# What `plan.today` says of a day → the shape of its dot and the words beside it.
DOTS: dict[str, tuple[str, str | Promise]] = {
    "done": ("done", gettext_lazy("done")),
    "part": ("part", gettext_lazy("partly done")),
    "rest": ("rest", gettext_lazy("nothing logged")),
    "ahead": ("todo", gettext_lazy("still to come")),
}


@dataclass(frozen=True)
class Day:
    """One dot of the week, as partials/week.html draws it."""

    label: str
    name: str
    state: str
    words: str
    today: bool


class ShowToday(PortalPage):
    """One question at a time: a form beside it would lose what is chosen there when this one is sent."""

    def get(self, request: ClinicRequest) -> HttpResponse:
        if self.program is None:
            return self.no_program(greeting=self.greeting())
        plan = today(self.program, now=request.now)
        told = pressing(plan)
        safety = safety_of(told, self.patient.clinic, now=request.now)
        emergency = safety is not None and safety.kind == "emergency"
        return self.draw(
            "portal/today.html",
            plan=plan,
            greeting=self.greeting(),
            week=week_of(plan),
            question=None if emergency or not plan.questions else plan.questions[0],
            form=AnswerForm(),
            exercises=sum(row.is_due and not row.is_done for row in plan.items),
            all_held=bool(plan.items) and all(row.why_held for row in plan.items),
            safety=safety,
            news=unread_news(self.program),
            told={hold.pk for hold in told},
        )

    def greeting(self) -> str:
        hour = timezone.localtime(self.request.now).hour
        words = (
            _("Good morning, %(name)s")
            if 4 <= hour < 12
            else _("Good afternoon, %(name)s")
            if 12 <= hour < 18
            else _("Good evening, %(name)s")
        )
        user = self.request.user
        return words % {
            "name": self.patient.identity.first_name if self.patient.user_id == user.pk else user.get_short_name()
        }


def pressing(plan: Today) -> list[Hold]:
    """The holds whose message stands on top: the whole program's, or those that want advice today."""
    if plan.plan_hold:
        return [plan.plan_hold]
    stopping = {row.held.pk for row in plan.items if row.held}
    return [hold for hold in plan.holds if hold.pk in stopping and hold.severity <= URGENT]


def week_of(plan: Today) -> list[Day]:
    monday = plan.date - timedelta(days=plan.date.weekday())
    days = []
    for number, word in enumerate(plan.week_dots):
        is_today = monday + timedelta(days=number) == plan.date
        state, words = DOTS["ahead" if is_today and word == "rest" else word]
        days.append(
            Day(
                label=str(WEEKDAYS_ABBR[number])[:2],
                name=str(WEEKDAYS[number]),
                state=state,
                words=str(words),
                today=is_today,
            )
        )
    return days
