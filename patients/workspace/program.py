"""What a therapist does to a running program as a whole: holds, pauses, proposals, phases."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from patients import adjustments, phases, proposals
from patients.models import Hold, Program, Proposal
from patients.models.proposal import NEXT_PHASE
from patients.workspace.exercise_forms import ChangeProposalForm, DeclineForm, PauseForm, ReleaseForm, ReviewForm
from patients.workspace.page import Deed, FormPage, PatientPage
from programs.models import LevelVersion


class ProgramPart(PatientPage):
    @cached_property
    def program(self) -> Program:
        mine = Program.objects.visible_to(self.request.user).filter(patient=self.patient).active()
        found: Program = get_object_or_404(mine.select_related("phase", "version", "episode"))
        found.patient = self.patient
        return found


class ReleaseHold(FormPage):
    template = "workspace/release.html"
    done = gettext_lazy("The hold is lifted.")

    @cached_property
    def hold(self) -> Hold:
        mine = Hold.objects.visible_to(self.request.user).filter(patient=self.patient).open()
        return get_object_or_404(
            mine.select_related("program__patient__clinic", "patient__clinic", "item__level"), pk=self.kwargs["hold"]
        )

    def form(self, data: Any = None) -> ReleaseForm:
        return ReleaseForm(data)

    def carry_out(self, form: ReleaseForm) -> None:
        effect = form.cleaned_data["effect"]
        adjustments.release(self.hold, effect=effect, actor=self.request.user, now=self.request.now)

    def page(self, form: Any) -> Any:
        return self.draw(self.template, form=form, hold=self.hold, back=self.back())


class Pause(ProgramPart, FormPage):
    title = gettext_lazy("Pause the program")
    lead = gettext_lazy("For a holiday or an illness. No exercise is asked for and silence is not flagged.")
    button = gettext_lazy("Pause")
    done = gettext_lazy("The program is paused.")

    def form(self, data: Any = None) -> PauseForm:
        assert self.program
        return PauseForm(data)

    def carry_out(self, form: PauseForm) -> None:
        adjustments.pause(self.program, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class Unpause(ProgramPart, Deed):
    done = gettext_lazy("The program goes on.")

    def do(self) -> None:
        adjustments.unpause(self.program, actor=self.request.user, now=self.request.now)


class SignOffPhase(ProgramPart, Deed):
    done = gettext_lazy("The next phase starts today.")

    def do(self) -> None:
        phases.sign_off_phase(self.program, actor=self.request.user, now=self.request.now)


class ReviewPhase(ProgramPart, FormPage):
    title = gettext_lazy("Look again later")
    lead = gettext_lazy(
        "The phase takes longer than planned, and that is fine. It comes back to your list on that day."
    )
    done = gettext_lazy("It comes back to your list on that day.")

    def form(self, data: Any = None) -> ReviewForm:
        assert self.program
        return ReviewForm(data)

    def carry_out(self, form: ReviewForm) -> None:
        phases.review_later(self.program, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class ProposalPart(PatientPage):
    @cached_property
    def proposal(self) -> Proposal:
        mine = Proposal.objects.visible_to(self.request.user).filter(patient=self.patient)
        return get_object_or_404(
            mine.select_related("item__level", "item__ladder_version", "item__program__patient"),
            pk=self.kwargs["proposal"],
        )


class Approve(ProposalPart, Deed):
    done = gettext_lazy("Approved. It holds from today.")

    def do(self) -> None:
        proposals.approve(self.proposal, actor=self.request.user, now=self.request.now)


class ChangeProposal(ProposalPart, FormPage):
    template = "workspace/proposal_change.html"
    title = gettext_lazy("Decide otherwise")
    button = gettext_lazy("Set it so")
    done = gettext_lazy("Set. It holds from today.")

    @cached_property
    def levels(self) -> list[LevelVersion]:
        mine = LevelVersion.objects.visible_to(self.request.user)
        return list(mine.filter(ladder_version=self.proposal.item.ladder_version_id).order_by("position"))

    def form(self, data: Any = None) -> ChangeProposalForm:
        now_at = self.proposal.item.level.position
        above = next((level for level in self.levels if level.position == now_at + 1), self.proposal.item.level)
        same = self.proposal.is_load_step or self.proposal.kind == NEXT_PHASE
        start = self.proposal.item.level.code if same else above.code
        return ChangeProposalForm(data, levels=self.levels, initial={"level": start})

    def carry_out(self, form: ChangeProposalForm) -> None:
        proposals.approve_changed(
            self.proposal,
            level=form.cleaned_data["level"],
            changes=form.changes(),
            reason=form.cleaned_data["reason"],
            actor=self.request.user,
            now=self.request.now,
        )

    def page(self, form: Any) -> Any:
        words = {"title": self.title, "button": self.button, "proposal": self.proposal}
        return self.draw(self.template, form=form, back=self.back(), **words)


class Decline(ProposalPart, FormPage):
    title = gettext_lazy("Not yet")
    lead = gettext_lazy("The level stays. The next clean day may propose it again.")
    button = gettext_lazy("Decline")
    done = gettext_lazy("The level stays as it is.")

    def form(self, data: Any = None) -> DeclineForm:
        assert self.proposal
        return DeclineForm(data)

    def carry_out(self, form: DeclineForm) -> None:
        note = form.cleaned_data["note"]
        proposals.decline(self.proposal, note=note, actor=self.request.user, now=self.request.now)
