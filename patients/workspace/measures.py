"""What was measured in an episode: scores that a phase may wait for, and the usual pain, set anew with a reason."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy

from patients import measures
from patients.models import Measure
from patients.workspace.episode_forms import MeasureForm, UsualPainForm
from patients.workspace.episodes import EpisodePart
from patients.workspace.page import Deed, FormPage


class Measures(EpisodePart, FormPage):
    template = "workspace/measures.html"
    done = gettext_lazy("Recorded.")

    def form(self, data: Any = None) -> MeasureForm:
        assert self.episode
        return MeasureForm(data)

    def carry_out(self, form: MeasureForm) -> None:
        measures.record_measure(self.episode, **form.cleaned_data, actor=self.request.user, now=self.request.now)

    def page(self, form: Any) -> HttpResponse:
        mine = Measure.objects.visible_to(self.request.user).filter(episode=self.episode)
        rows = mine.select_related("recorded_by").order_by("-measured_on", "-recorded_at")
        return self.draw(self.template, form=form, rows=list(rows), episode=self.episode, back=self.back())


class RevokeMeasure(EpisodePart, Deed):
    done = gettext_lazy("Taken back.")

    def do(self) -> None:
        mine = Measure.objects.visible_to(self.request.user).filter(episode=self.episode)
        found = get_object_or_404(mine.select_related("patient"), pk=self.kwargs["measure"])
        measures.revoke_measure(found, actor=self.request.user, now=self.request.now)

    def back(self) -> str:
        return reverse("workspace:measures", args=[self.patient.pk, self.episode.pk])


class UsualPain(EpisodePart, FormPage):
    title = gettext_lazy("Usual pain")
    lead = gettext_lazy("Set it anew when the pain this person lives with has changed. What was decided before stays.")
    button = gettext_lazy("Set the usual pain")
    done = gettext_lazy("The usual pain is set. The limits follow it from now on.")

    def form(self, data: Any = None) -> UsualPainForm:
        return UsualPainForm(data, initial={"usual_pain": self.episode.usual_pain})

    def carry_out(self, form: UsualPainForm) -> None:
        given = form.cleaned_data
        measures.set_usual_pain(
            self.episode,
            given["usual_pain"],
            reason=given["reason"],
            actor=self.request.user,
            now=self.request.now,
        )
