"""Episodes of care: opened, checked for what rules exercises out, given a program, closed."""

from itertools import chain
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.zones import local_date
from patients import assignments, episodes, examinations, exceptions, gates
from patients.contraindication_words import askable, in_plain_words
from patients.models import Allowance, Episode, Examination, GateRecord
from patients.models.gate import gate_value_words
from patients.workspace.episode_forms import (
    AssignForm,
    DischargeForm,
    EpisodeForm,
    ExaminationForm,
    ExceptionForm,
    WithoutForm,
)
from patients.workspace.page import Deed, FormPage, PatientPage
from programs.models import Gate, Ladder, ProgramVersion
from programs.unlocks import unlocked_by
from programs.words import recorder_words


def what_to_ask(page: PatientPage) -> list[tuple[str, str]]:
    """Every code that a ladder or a published program of this clinic names."""
    user, clinic = page.request.user, page.request.clinic
    ladders = Ladder.objects.visible_to(user).of(clinic).filter(retired_at=None)
    versions = ProgramVersion.objects.visible_to(user).of(clinic).published()
    named = [
        *ladders.values_list("contraindications", flat=True),
        *(entry.get("exclude", []) for entry in versions.values_list("entry", flat=True)),
        *(
            codes
            for details in ladders.values_list("details", flat=True)
            for codes in details.get("contraindications_at", {}).values()
        ),
    ]
    return askable(chain.from_iterable(named))


class OpenEpisode(FormPage):
    template = "workspace/episode_new.html"
    title = gettext_lazy("Open an episode")
    lead = gettext_lazy("One problem, from today to discharge. A return is a new episode.")
    button = gettext_lazy("Open and choose a program")
    done = gettext_lazy("The episode is open. Choose a program for it.")

    def form(self, data: Any = None) -> EpisodeForm:
        last = (
            Episode.objects.visible_to(self.request.user).filter(patient=self.patient).order_by("-started_on").first()
        )
        return EpisodeForm(data, askable=what_to_ask(self), initial=EpisodeForm.of(last) if last else {})

    def carry_out(self, form: EpisodeForm) -> None:
        self.opened = episodes.open_episode(
            self.patient, **form.values(), actor=self.request.user, now=self.request.now
        )

    def back(self) -> str:
        opened = getattr(self, "opened", None)
        if opened is None:
            return super().back()
        return reverse("workspace:assign", args=[self.patient.pk, opened.pk])


class EpisodePart(PatientPage):
    """Pages below an episode of this patient."""

    @cached_property
    def episode(self) -> Episode:
        mine = Episode.objects.visible_to(self.request.user).filter(patient=self.patient)
        found: Episode = get_object_or_404(mine, pk=self.kwargs["episode"])
        found.patient = self.patient
        return found


class Examine(EpisodePart, FormPage):
    """A new screen or a new answer about what rules exercises out. What was found before stays below."""

    template = "workspace/examine.html"
    done = ""

    def form(self, data: Any = None) -> ExaminationForm:
        return ExaminationForm(data, askable=self.askable(), initial=ExaminationForm.of(self.episode))

    def askable(self) -> list[tuple[str, str]]:
        """What the library asks today, and what was found before and is asked no more."""
        asked = what_to_ask(self)
        left = set(self.episode.contraindications) - {code for code, _words in asked}
        return [*asked, *askable(left)]

    def carry_out(self, form: ExaminationForm) -> None:
        user, now = self.request.user, self.request.now
        events = examinations.examine(self.episode, **form.values(), actor=user, now=now)
        messages.success(self.request, _("Recorded. It counts from now on."))
        for event in events:
            name = event.item.ladder_version.title if event.item else ""
            if event.kind == examinations.RULED_OUT:
                text = _("%(name)s is ruled out now: %(why)s. The patient is told to ask you.")
                messages.warning(self.request, text % {"name": name, "why": event.note})
            else:
                messages.info(self.request, _("%(name)s is allowed again.") % {"name": name})

    def page(self, form: Any) -> HttpResponse:
        made = Examination.objects.visible_to(self.request.user).filter(episode=self.episode)
        rows = [
            {"made": one, "present": [in_plain_words(code) for code in one.contraindications]}
            for one in made.select_related("recorded_by").order_by("-recorded_at", "-pk")
        ]
        return self.draw(self.template, form=form, rows=rows, episode=self.episode, back=self.back())


class Assign(EpisodePart, FormPage):
    template = "workspace/assign.html"
    done = gettext_lazy("The program starts today. Levels, doses and sides can be adjusted here.")

    @cached_property
    def versions(self) -> list[ProgramVersion]:
        """The newest published version of each template."""
        published = ProgramVersion.objects.visible_to(self.request.user).of(self.request.clinic).published()
        found = published.filter(template__retired_at=None).select_related("template")
        return list(found.order_by("title", "-number"))

    def form(self, data: Any = None) -> AssignForm:
        names = {str(version.pk): f"{version.title}, version {version.number}" for version in self.versions}
        return AssignForm(
            data, versions=names, paths=dict.fromkeys(path for version in self.versions for path in version.paths)
        )

    def carry_out(self, form: AssignForm) -> None:
        chosen = {str(version.pk): version for version in self.versions}[form.cleaned_data["version"]]
        path = form.cleaned_data["path"] if chosen.paths else ""
        assignments.assign(self.episode, chosen, path=path, actor=self.request.user, now=self.request.now)

    def page(self, form: Any) -> HttpResponse:
        return self.draw(self.template, form=form, versions=self.versions, episode=self.episode, back=self.back())


class Discharge(EpisodePart, FormPage):
    title = gettext_lazy("Discharge")
    lead = gettext_lazy(
        "Closes this episode and ends its exercises. Everything logged and decided stays; a return is a new episode."
    )
    button = gettext_lazy("Discharge")
    done = gettext_lazy("The episode is closed.")

    def form(self, data: Any = None) -> DischargeForm:
        assert self.episode
        return DischargeForm(data)

    def carry_out(self, form: DischargeForm) -> None:
        summary = form.cleaned_data["summary"]
        episodes.discharge(self.episode, summary=summary, actor=self.request.user, now=self.request.now)


class Gates(EpisodePart):
    """What has been recorded in this episode and by whom, what it unlocks, and what may still be recorded."""

    may = FormPage.may

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        return self.page()

    def page(self, without: tuple[Any, WithoutForm] | None = None) -> HttpResponse:
        """`without`: the gate an exception was refused for, with its form."""
        user = self.request.user
        records = GateRecord.objects.visible_to(user).filter(episode=self.episode).order_by("-recorded_at", "-pk")
        related = list(records.select_related("recorded_by", "revoked_by", "session"))
        standing = {record.code: record for record in related if record.revoked_at is None}
        found = Gate.objects.visible_to(user).of(self.patient.clinic).order_by("text")
        opens = unlocked_by(self.patient.clinic)
        rows = [
            {
                "gate": gate,
                "who": recorder_words(gate.recorded_by),
                "record": standing.get(gate.code),
                "opens": opens.get(gate.code, []),
                "ways": gates.ways_for_staff(gate, standing.get(gate.code)),
                "values": [(value, gate_value_words(value)) for value in gate.values],
                "without": without[1] if without and without[0] == gate.pk else WithoutForm(),
                "refused": bool(without and without[0] == gate.pk),
            }
            for gate in found
        ]
        past = [record for record in related if record.revoked_at is not None]
        texts = {gate.code: gate.text for gate in found}
        return self.draw(
            "workspace/gates.html", episode=self.episode, gates=rows, past=past, texts=texts, back=self.back()
        )


class GateDeed(EpisodePart, Deed):
    @property
    def code(self) -> str:
        found = Gate.objects.visible_to(self.request.user).of(self.patient.clinic)
        return str(get_object_or_404(found, pk=self.kwargs["gate"]).code)

    def back(self) -> str:
        return reverse("workspace:gates", args=[self.patient.pk, self.episode.pk])


class RecordGate(GateDeed):
    done = gettext_lazy("Recorded.")

    def do(self) -> None:
        value = self.request.POST.get("value", "").strip()[:40]
        how = self.request.POST.get("how", "") or gates.How.PERSON
        user, now = self.request.user, self.request.now
        if how not in (gates.How.PERSON, gates.How.VIDEO):
            raise Refused(_("Choose how it was seen."))
        gates.record_gate(self.episode, self.code, how=how, value=value, actor=user, now=now)


class RevokeGate(GateDeed):
    done = gettext_lazy("Taken back.")

    def do(self) -> None:
        gates.revoke_gate(self.episode, self.code, actor=self.request.user, now=self.request.now)


class GoWithoutGate(GateDeed, Gates):
    """An exception: the patient may go on without this gate."""

    may = FormPage.may

    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        code, form = self.code, WithoutForm(request.POST)
        if form.is_valid():
            try:
                gates.go_without(self.episode, code, **form.cleaned_data, actor=request.user, now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, _("Exception made."))
                return redirect(self.back())
        return self.page((self.kwargs["gate"], form))

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        assert self.code  # a foreign gate is a 404 here too
        return redirect(self.back())


class Exceptions(EpisodePart, FormPage):
    """Exercises that a recorded answer rules out and a licensed therapist allows all the same."""

    template = "workspace/exceptions.html"
    done = gettext_lazy("Exception made. It is shown wherever the exercise is.")

    @cached_property
    def possible(self) -> list[exceptions.Possible]:
        return exceptions.possible(self.episode)

    def form(self, data: Any = None) -> ExceptionForm:
        return ExceptionForm(data, possible={one.key: one.words for one in self.possible})

    def carry_out(self, form: ExceptionForm) -> None:
        given = dict(form.cleaned_data)
        exceptions.allow(self.episode, given.pop("what"), **given, actor=self.request.user, now=self.request.now)

    def back(self) -> str:
        return reverse("workspace:exceptions", args=[self.patient.pk, self.episode.pk])

    def page(self, form: Any) -> HttpResponse:
        user = self.request.user
        made = Allowance.objects.visible_to(user).filter(episode=self.episode)
        made = made.select_related("granted_by", "withdrawn_by").order_by("withdrawn_at", "-granted_at")
        titles = dict(Ladder.objects.visible_to(user).of(self.patient.clinic).values_list("code", "title"))
        rows = [
            {"made": one, "title": titles.get(one.ladder, one.ladder), "what": in_plain_words(one.code)} for one in made
        ]
        day = local_date(self.request.now, self.patient.zone)
        return self.draw(
            self.template, form=form, rows=rows, possible=self.possible, day=day, back=PatientPage.back(self)
        )


class WithdrawException(EpisodePart, Deed):
    done = gettext_lazy("Withdrawn. The exercise is ruled out again.")

    def do(self) -> None:
        mine = Allowance.objects.visible_to(self.request.user).filter(episode=self.episode)
        found = get_object_or_404(mine, pk=self.kwargs["made"])
        exceptions.withdraw(found, actor=self.request.user, now=self.request.now)

    def back(self) -> str:
        return reverse("workspace:exceptions", args=[self.patient.pk, self.episode.pk])
