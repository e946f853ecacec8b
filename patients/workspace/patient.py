"""The page of one patient: what is wrong, what they do, how it went, what was decided and said."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext as _

from clinic.access import sees_in_part
from clinic.requests import ClinicRequest
from clinic.zones import local_date
from patients import plan
from patients.day_grid import day_grid, last_days
from patients.ledger_lines import ledger_lines
from patients.looked import looks_at
from patients.measures import latest_of
from patients.models import (
    Consent,
    Decision,
    EmergencyAccess,
    Episode,
    ExerciseLog,
    GateRecord,
    Hold,
    Measure,
    NextDayQuestion,
    PainFlag,
    PatientMessage,
    Program,
    ProgramEvent,
    Proposal,
    Proxy,
    Session,
    Trial,
)
from patients.next_level import WayUp, ways_up
from patients.pain_history import WEEKS, pain_chart
from patients.phases import conditions_of
from patients.plan import Today, TodayItem
from patients.program_sheet import has_portal, log_address
from patients.version_changes import newest_version
from patients.version_moves import last_move, why_not_undo
from patients.workspace.page import PatientPage
from programs.equipment import thing_words
from programs.models import Gate

DECISIONS_SHOWN = 8
MESSAGES_SHOWN = 5
LOOKS_SHOWN = 8
A_PAGE = 50


@dataclass(frozen=True)
class ExerciseLine:
    """An exercise of the running program as staff see it: where it stands and what the next level still needs."""

    row: TodayItem
    way: WayUp
    proposal: Proposal | None


class PatientFile(PatientPage):
    """Reads everything once; the number of queries does not grow with exercises, days or messages."""

    only_reads = True

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        context = self.everyday()
        if sees_in_part(self.request.membership):
            context["emergency"] = self.emergency()
        if self.treats:
            context |= self.detail(context["program"], context["today"])
        return self.draw("workspace/patient.html", **context)

    def everyday(self) -> dict[str, Any]:
        """What the desk may read too: how to reach the person, what is booked, which program runs."""
        user, patient = self.request.user, self.patient
        program = self.running_program()
        return {
            "program": program,
            "things": [thing_words(code) for code in patient.equipment],
            "today": plan.today(program, now=self.request.now) if program else None,
            "episodes": list(
                Episode.objects.visible_to(user).filter(patient=patient).order_by("ended_on", "-started_on")
            ),
            "flags": list(
                PainFlag.objects.visible_to(user)
                .filter(patient=patient)
                .waiting()
                .select_related("owner")
                .most_urgent_first()
            ),
            "consents": list(Consent.objects.visible_to(user).filter(patient=patient).given().order_by("kind")),
            "proxies": list(
                Proxy.objects.visible_to(user).filter(patient=patient, revoked_at=None).select_related("user")
            ),
            "trial": Trial.objects.visible_to(user).filter(patient=patient).order_by("-accepted_at").first(),
        }

    def emergency(self) -> EmergencyAccess | None:
        """The opening by which this therapist is here, if it is one."""
        mine = EmergencyAccess.objects.visible_to(self.request.user).filter(patient=self.patient)
        return mine.filter(user=self.request.user, until__gt=self.request.now).order_by("-until").first()

    def running_program(self) -> Program | None:
        mine = Program.objects.visible_to(self.request.user).filter(patient=self.patient).active()
        mine = mine.select_related("phase", "version__template", "episode", "assigned_by")
        found = mine.annotate(newer=newest_version()).first()
        if found:
            found.patient = self.patient
        return found

    def detail(self, program: Program | None, today: Today | None) -> dict[str, Any]:
        user, patient, now = self.request.user, self.patient, self.request.now
        day = local_date(now, patient.zone)
        logs = self.logs()
        decisions = self.decisions()
        holds = list(
            Hold.objects.visible_to(user)
            .filter(patient=patient)
            .select_related("item__level")
            .order_by("severity", "opened_at")
        )
        for hold in holds:
            hold.patient = patient
        answers = NextDayQuestion.objects.visible_to(user).filter(
            patient=patient, answered_at__isnull=False, local_date__gte=day - timedelta(weeks=WEEKS)
        )
        days = last_days(day)
        return {
            "holds": [hold for hold in holds if hold.released_at is None],
            "lines": self.lines(program, today) if program and today else [],
            "days": days,
            "grid": day_grid(logs, [row.item for row in today.items] if today else [], days=days),
            "chart": pain_chart(
                logs, answers, decisions, holds, usual_pain=program.episode.usual_pain if program else 0, today=day
            ),
            "chart_has_points": bool(logs),
            "ledger": ledger_lines(decisions)[:DECISIONS_SHOWN],
            "gates": list(
                GateRecord.objects.visible_to(user)
                .filter(patient=patient, revoked_at=None)
                .select_related("recorded_by")
                .order_by("recorded_at")
            ),
            "measures": latest_of(
                Measure.objects.visible_to(user)
                .filter(patient=patient, revoked_at=None)
                .select_related("recorded_by")
                .order_by("measured_on", "recorded_at")
            ),
            "conditions": conditions_of(program) if program and program.phase else [],
            "gate_texts": dict(Gate.objects.visible_to(user).of(patient.clinic).values_list("code", "text")),
            "thread": self.thread(),
            "notes": list(
                Session.objects.visible_to(user)
                .current()
                .filter(patient=patient)
                .exclude(note="")
                .order_by("-performed_at")[:MESSAGES_SHOWN]
            ),
            "looks": looks_at(patient)[:LOOKS_SHOWN],
            "undoable": self.undoable(program) if program else None,
        }

    def undoable(self, program: Program) -> ProgramEvent | None:
        """The move to another version that can still be taken back."""
        move = last_move(program)
        return move if move and not why_not_undo(move) else None

    def logs(self) -> list[ExerciseLog]:
        since = local_date(self.request.now, self.patient.zone) - timedelta(weeks=WEEKS)
        mine = ExerciseLog.objects.visible_to(self.request.user).current()
        found = mine.filter(session__patient=self.patient, session__local_date__gte=since)
        return list(
            found.select_related("session", "level", "item__level", "item__ladder_version", "item__episode").order_by(
                "session__performed_at"
            )
        )

    def decisions(self) -> list[Decision]:
        """Those of the last weeks, the latest first; facts are read only where they are shown."""
        since = self.request.now - timedelta(weeks=WEEKS)
        mine = Decision.objects.visible_to(self.request.user).filter(item__program__patient=self.patient)
        found = mine.filter(decided_at__gte=since).select_related("item__ladder_version", "item__level", "actor")
        return list(found.order_by("-decided_at", "-sequence"))

    def lines(self, program: Program, today: Today) -> list[ExerciseLine]:
        mine = Proposal.objects.visible_to(self.request.user).filter(patient=self.patient).open()
        proposals = {one.item_id: one for one in mine.select_related("decision")}
        ways = ways_up(program, [row.item for row in today.items], now=self.request.now)
        return [ExerciseLine(row, ways[row.item.pk], proposals.get(row.item.pk)) for row in today.items]

    def thread(self) -> list[PatientMessage]:
        mine = PatientMessage.objects.visible_to(self.request.user).filter(patient=self.patient)
        return list(mine.select_related("author").order_by("-sent_at")[:MESSAGES_SHOWN])[::-1]


class Ledger(PatientPage):
    """Every decision of this patient, with the facts behind it."""

    only_reads = True

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        if not self.treats:
            return self.draw("workspace/not_for_desk.html", title=_("Decisions"))
        mine = Decision.objects.visible_to(request.user).filter(item__program__patient=self.patient)
        found = mine.select_related("item__ladder_version", "item__level", "actor")
        page = Paginator(found.last_words().order_by("-decided_at", "-sequence"), A_PAGE).get_page(
            request.GET.get("page")
        )
        return self.draw("workspace/ledger.html", page=page, ledger=ledger_lines(found.of_the_days_of(page)))


class Sheet(PatientPage):
    """The program on paper, for patients without the portal; with the way to the log for who has one."""

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        program = plan.active_program(self.patient)
        today = plan.today(program, now=request.now) if program else None
        address = log_address() if has_portal(self.patient) else ""
        return self.draw("workspace/sheet.html", program=program, today=today, log_address=address)
