"""One exercise of a running program, and every way in which a therapist may adjust it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.access import can_treat
from clinic.forms import VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients import adjustments, equipment, sides, swaps
from patients.contraindication_words import in_plain_words
from patients.contraindications import excepted
from patients.models import Episode, ProgramItem
from patients.models.assignment import Override
from patients.workspace.exercise_forms import DoseForm, HoldForm, LevelForm, LimitsForm, LockForm, SideForm, SwapForm
from patients.workspace.forms import ReasonForm
from patients.workspace.page import Deed, FormPage, PatientPage
from programs.equipment import thing_words
from programs.models import LadderVersion, LevelVersion
from programs.rulebook import current_rules
from programs.rules import Facts, limits


class ItemPart(PatientPage):
    """Pages below an exercise of this patient's running program."""

    may = can_treat

    @cached_property
    def item(self) -> ProgramItem:
        mine = ProgramItem.objects.visible_to(self.request.user).filter(program__patient=self.patient).current()
        found: ProgramItem = get_object_or_404(
            mine.select_related("level", "ladder_version", "episode", "program", "stopped_by", "cap"),
            pk=self.kwargs["item"],
        )
        found.program.patient = self.patient
        return found


class ItemPage(ItemPart):
    def form_named(self, name: str, data: Any = None) -> VerbForm:
        """One of the page's forms. Each has its own prefix for ids, as all of them stand on one page."""
        ids: dict[str, Any] = {"auto_id": f"id_{name}_%s"}
        item = self.item
        if name == "level":
            return LevelForm(data, levels=self.levels, initial={"level": item.level.code}, **ids)
        if name == "dose":
            return DoseForm(data, item=item, **ids)
        if name == "side":
            return SideForm(data, initial={"side": item.side}, **ids)
        if name == "limits":
            return LimitsForm(data, initial=item.limits, **ids)
        if name == "lock":
            return LockForm(data, **ids)
        return HoldForm(data, **ids)

    @cached_property
    def levels(self) -> list[LevelVersion]:
        mine = LevelVersion.objects.visible_to(self.request.user)
        return list(mine.filter(ladder_version=self.item.ladder_version_id).order_by("position"))

    def page(self, **bound: VerbForm) -> HttpResponse:
        names = ("level", "dose", "side", "limits", "lock", "hold")
        forms = {f"{name}_form": bound.get(name) or self.form_named(name) for name in names}
        episode: Episode = self.item.episode
        return self.draw(
            "workspace/exercise.html",
            item=self.item,
            levels=self.levels,
            lacks=[thing_words(code) for code in equipment.lacking_next(self.item)],
            is_locked=self.item.override == Override.LOCK,
            usual_limits=limits(Facts(usual=episode.usual_pain), current_rules().params),
            excepted=[in_plain_words(code) for code in excepted(self.item)],
            back=self.back(),
            bound=next(iter(bound), ""),
            **forms,
        )


class Exercise(ItemPage):
    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        return self.page()


class ChangeExercise(ItemPage):
    """A form of the exercise's page: on a refusal the page comes back with what was typed."""

    name: ClassVar[str] = ""

    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        form = self.form_named(self.name, request.POST)
        if form.is_valid():
            try:
                self.carry_out(form)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, _("%(exercise)s: changed.") % {"exercise": capfirst(self.item.name)})
                return redirect(self.back())
        return self.page(**{self.name: form})

    def carry_out(self, form: Any) -> None:
        raise NotImplementedError


class SetLevel(ChangeExercise):
    name = "level"

    def carry_out(self, form: LevelForm) -> None:
        given = form.cleaned_data
        adjustments.set_level(
            self.item,
            given["level"],
            reason=given["reason"],
            lock=given["lock"],
            actor=self.request.user,
            now=self.request.now,
        )


class AdjustDose(ChangeExercise):
    name = "dose"

    def carry_out(self, form: DoseForm) -> None:
        adjustments.adjust_dose(
            self.item,
            changes=form.changes(),
            reason=form.cleaned_data["reason"],
            actor=self.request.user,
            now=self.request.now,
        )


class SetSide(ChangeExercise):
    name = "side"

    def carry_out(self, form: SideForm) -> None:
        adjustments.set_side(self.item, form.cleaned_data["side"], actor=self.request.user, now=self.request.now)


class SetLimits(ChangeExercise):
    name = "limits"

    def carry_out(self, form: LimitsForm) -> None:
        given = dict(form.cleaned_data)
        reason = given.pop("reason")
        adjustments.set_limits(self.item, given, reason=reason, actor=self.request.user, now=self.request.now)


class Lock(ChangeExercise):
    name = "lock"

    def carry_out(self, form: LockForm) -> None:
        adjustments.lock(self.item, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class HoldExercise(ChangeExercise):
    name = "hold"

    def carry_out(self, form: HoldForm) -> None:
        given = form.cleaned_data
        item = self.item if given["scope"] != "plan" else None
        adjustments.hold(
            self.item.program,
            scope=given["scope"],
            item=item,
            reason=given["reason"],
            actor=self.request.user,
            now=self.request.now,
        )


class SwapExercise(ItemPart, FormPage):
    title = gettext_lazy("Swap the exercise")
    lead = gettext_lazy(
        "The new one takes its place today. Where the library calls the levels equal, both are one line of history."
    )
    button = gettext_lazy("Swap")
    done = gettext_lazy("Swapped. It holds from today.")

    def form(self, data: Any = None) -> SwapForm:
        equal = {one.ladder.code: one for one in swaps.equals(self.item)}
        choices = [(one.code, self.words(one, equal.get(one.code))) for one in swaps.substitutes(self.item)]
        return SwapForm(data, choices=sorted(choices, key=lambda choice: choice[0] not in equal))

    def words(self, ladder: LadderVersion, equal: swaps.Equal | None) -> str:
        if equal is None:
            return ladder.title
        lacks = ", ".join(map(thing_words, equal.lacks))
        words = _("%(title)s: %(level)s, equal") % {"title": ladder.title, "level": equal.level.code}
        return _("%(words)s; not at home: %(lacks)s") % {"words": words, "lacks": lacks} if lacks else words

    def carry_out(self, form: SwapForm) -> None:
        given = form.cleaned_data
        user, now = self.request.user, self.request.now
        swaps.swap(self.item, given["substitute"], reason=given["reason"], actor=user, now=now)


class ChangeSides(ItemPart, FormPage):
    """Left and right on levels of their own, or both on one again: whichever the exercise is not."""

    button = gettext_lazy("Change it")
    done = gettext_lazy("It holds from today. Counting starts again.")

    @property
    def title(self) -> str:  # type: ignore[override]
        return _("Bring the sides together") if self.item.apart else _("Let each side go its own way")

    @property
    def lead(self) -> str:  # type: ignore[override]
        if self.item.apart:
            return _("One exercise again, at the level of the side that is further down. A side taken off comes back.")
        return _(
            "Left and right become two exercises, each with a level and a dose of its own, from where it stands now."
        )

    def form(self, data: Any = None) -> ReasonForm:
        assert self.item
        return ReasonForm(data)

    def carry_out(self, form: ReasonForm) -> None:
        change = sides.bring_together if self.item.apart else sides.go_own_ways
        change(self.item, reason=form.cleaned_data["reason"], actor=self.request.user, now=self.request.now)


class MoreInstead(ItemPart, Deed):
    done = gettext_lazy("A fifth more from today, instead of the level that needs a thing.")

    def do(self) -> None:
        equipment.more_instead(self.item, actor=self.request.user, now=self.request.now)


class Unlock(ItemPage, Deed):
    done = gettext_lazy("The rules decide about the level again.")

    def do(self) -> None:
        adjustments.unlock(self.item, actor=self.request.user, now=self.request.now)
