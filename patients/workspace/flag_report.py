"""Reports › flags: how many, how fast, and whether they were worth it. As a page and as CSV."""

import csv

from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from clinic.access import can_triage
from clinic.charts import Bar, BarChart
from clinic.requests import ClinicRequest
from clinic.spreadsheets import cell
from clinic.templatetags.looks import SEVERITIES
from patients.flag_figures import BUDGET, BUDGET_SOON, ENOUGH_ACTED_ON, FlagFigures, flag_figures
from patients.models import ExerciseLog, PainFlag
from patients.workspace.page import StaffPage

MOST_BARS = 10
HEADS = ("by", "what", "opened", "minutes_to_take", "minutes_to_contact")


class FlagReport(StaffPage):
    may = can_triage

    @cached_property
    def figures(self) -> FlagFigures:
        user, clinic = self.request.user, self.request.clinic
        flags, logs = PainFlag.objects.visible_to(user).of(clinic), ExerciseLog.objects.visible_to(user).of(clinic)
        return flag_figures(flags, logs, now=self.request.now)

    def get(self, request: ClinicRequest) -> HttpResponse:
        limits = {"budget": BUDGET, "budget_soon": BUDGET_SOON, "enough": ENOUGH_ACTED_ON}
        return self.draw("workspace/flag_report.html", figures=self.figures, chart=self.chart(), **limits)

    def chart(self) -> BarChart | None:
        rules = self.figures.by_code[:MOST_BARS]
        if not rules:
            return None
        first = _("%(rule)s: %(count)d") % {"rule": rules[0].name.capitalize(), "count": rules[0].opened}
        return BarChart(
            title=_("Rules that fire most"),
            summary=_("Most often in four weeks: %(first)s.") % {"first": first},
            bars=[Bar(rule.flags[0].code, rule.opened) for rule in rules],
            value_label=_("Flags"),
        )


class FlagReportFile(FlagReport):
    def get(self, request: ClinicRequest) -> HttpResponse:
        self.note("export_figures")
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="flags.csv"'
        lines = csv.writer(answer)
        lines.writerow([*HEADS, "percent_in_time", "percent_acted_on", "percent_opened_again"])
        groups = [("severity", str(SEVERITIES[int(one.name)]), one) for one in self.figures.by_severity]
        groups += [("rule", one.name, one) for one in self.figures.by_code]
        for by, what, one in groups:
            minutes = [None if time is None else round(time / 60) for time in (one.to_take, one.to_contact)]
            lines.writerow([by, cell(what), one.opened, *minutes, one.in_time, one.acted, one.reopened])
        return answer
