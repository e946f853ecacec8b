"""Forms of the workspace. They read what was typed; what it may mean is the verbs' business."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import VerbForm
from clinic.models import User
from clinic.zones import offered_zones
from patients.models import PainFlag, Patient, ProgramItem
from patients.models.assignment import HoldScope
from patients.models.episode import BodySide, Episode, Slump
from patients.models.patient import ConsentKind
from patients.models.session import Source
from patients.red_flag_words import NEURO_WORDS, RED_FLAG_WORDS
from patients.session_form import WORDS, SessionForm
from programs.dose import NUMBER_WORDS
from programs.measures import SCALES
from programs.models import LevelVersion
from programs.models.exercise import Region

LONG = {"rows": 3}
DATE = {"type": "date"}
MOMENT = {"type": "datetime-local"}

COMPARED = {
    "worse": gettext_lazy("Worse"),
    "same": gettext_lazy("The same"),
    "better": gettext_lazy("Better"),
}


class ReasonForm(VerbForm):
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=240, help_text=gettext_lazy("The next person will ask.")
    )


# People


class ContactForm(VerbForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    called = forms.CharField(label=gettext_lazy("Likes to be called"), max_length=60, required=False)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Opens the portal. Without one the clinic prints a sheet and enters sessions."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    birth_date = forms.DateField(
        label=gettext_lazy("Date of birth"), required=False, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=20, required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Therapist"), required=False)
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    equipment = forms.CharField(
        label=gettext_lazy("Equipment at home"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("Words separated by commas: exercise ball, dowel, chair."),
    )

    def __init__(self, data: Any = None, *, therapists: Iterable[User], zone: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.people = {str(user.pk): user for user in therapists}
        nobody = [("", _("Nobody yet"))]
        self.fields["owner"].choices = nobody + [(pk, user.name) for pk, user in self.people.items()]  # type: ignore[attr-defined]
        self.fields["zone"].choices = [(name, name.replace("_", " ")) for name in offered_zones()]  # type: ignore[attr-defined]
        self.fields["zone"].initial = zone

    def values(self) -> dict[str, Any]:
        """What the verbs take: the therapist as a person, equipment as the codes of the library."""
        given = dict(self.cleaned_data)
        given["owner"] = self.people.get(given["owner"])
        words = given["equipment"].split(",")
        given["equipment"] = [word.strip().lower().replace(" ", "_") for word in words if word.strip()]
        return given


class KnownContactForm(ContactForm):
    email = None  # type: ignore[assignment]  # has a page of its own
    emergency_contact = forms.CharField(label=gettext_lazy("Emergency contact"), max_length=160, required=False)

    @staticmethod
    def of(patient: Patient) -> dict[str, Any]:
        identity = patient.identity
        names = ("name", "called", "phone", "birth_date", "postcode", "emergency_contact")
        return {name: getattr(identity, name) for name in names} | {
            "owner": str(patient.owner_id or ""),
            "zone": patient.zone,
            "equipment": ", ".join(code.replace("_", " ") for code in patient.equipment),
        }


class PatientAddressForm(VerbForm):
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Empty takes the portal away: the clinic prints a sheet and enters sessions."),
    )


class HandOverForm(VerbForm):
    """Who takes over the patients and flags of somebody who leaves."""

    def __init__(self, *args: Any, therapists: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(user.pk): user for user in therapists}
        names = [(pk, user.name) for pk, user in self.known.items()]
        self.fields["to"] = forms.ChoiceField(
            label=_("Who takes over"), required=False, choices=[("", _("Choose a therapist")), *names]
        )

    def chosen(self) -> User | None:
        self.full_clean()
        return self.known.get(self.cleaned_data.get("to", ""))


class CarerForm(VerbForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    user_email = forms.EmailField(
        label=gettext_lazy("E-mail"), help_text=gettext_lazy("Signs in with it and sees the portal of this patient.")
    )
    relation = forms.CharField(label=gettext_lazy("Relation"), max_length=40)

    def show(self, refusal: Any) -> None:
        if "email" in refusal.errors:
            refusal.errors["user_email"] = refusal.errors.pop("email")
        super().show(refusal)


class ConsentsForm(VerbForm):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Signed on paper"),
        required=False,
        choices=ConsentKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Tick what the paper says. Taking a tick away withdraws the consent today."),
    )


# Episodes


class FindingsForm(VerbForm):
    """What an examination asks: the nerve screen, and what rules exercises out."""

    slump = forms.ChoiceField(
        label=gettext_lazy("Slump screen"),
        choices=Slump.choices,
        initial=Slump.NOT_DONE,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A screen, not a diagnosis. Not done counts as a possible nerve."),
    )
    leg_tingling = forms.ChoiceField(
        label=gettext_lazy("Tingling or numbness below the knee"),
        choices=[("", gettext_lazy("Not asked")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        required=False,
        widget=forms.RadioSelect,
    )
    contraindications = forms.MultipleChoiceField(
        label=gettext_lazy("Present today"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, askable: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["contraindications"].choices = askable  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        tingling = {"yes": True, "no": False}.get(self.cleaned_data["leg_tingling"])
        return self.cleaned_data | {"leg_tingling": tingling}


class EpisodeForm(FindingsForm):
    reason = forms.CharField(
        label=gettext_lazy("What it is about"),
        max_length=240,
        help_text=gettext_lazy("One line, as in a letter of referral."),
    )
    region = forms.ChoiceField(label=gettext_lazy("Region"), choices=Region.choices, initial=Region.POSTERIOR_THIGH_HIP)
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=BodySide.choices, widget=forms.RadioSelect)
    usual_pain = forms.IntegerField(
        label=gettext_lazy("Usual pain on an ordinary day"),
        help_text=gettext_lazy("What this person lives with. Every limit is judged against it."),
    )
    field_order = ["reason", "region", "side", "usual_pain"]

    @staticmethod
    def of(episode: Episode) -> dict[str, Any]:
        """What a return starts from: the same place and usual pain; screens are asked anew."""
        return {
            "reason": episode.reason,
            "region": episode.region,
            "side": episode.side,
            "usual_pain": episode.usual_pain,
        }


class ExaminationForm(FindingsForm):
    """Starts from what was found last, so that only what has changed is typed."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("How it was tested, or what the person said."),
    )

    @staticmethod
    def of(episode: Episode) -> dict[str, Any]:
        return {
            "slump": episode.slump,
            "leg_tingling": {True: "yes", False: "no", None: ""}[episode.leg_tingling],
            "contraindications": episode.contraindications,
        }


class DischargeForm(VerbForm):
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("What was reached, what goes on at home, when to come back."),
    )


class WithoutForm(ReasonForm):
    """An exception to a gate."""

    review_on = forms.DateField(
        label=gettext_lazy("Look again on"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )


class ExceptionForm(WithoutForm):
    what = forms.ChoiceField(label=gettext_lazy("What is allowed although it is ruled out"), widget=forms.RadioSelect)
    field_order = ["what", "reason", "review_on"]

    def __init__(self, data: Any = None, *, possible: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["what"].choices = list(possible.items())  # type: ignore[attr-defined]


class MeasureForm(VerbForm):
    code = forms.ChoiceField(
        label=gettext_lazy("Measure"), choices=[(code, scale.name) for code, scale in SCALES.items()]
    )
    value = forms.DecimalField(label=gettext_lazy("Score"), decimal_places=1, max_digits=4)
    measured_on = forms.DateField(
        label=gettext_lazy("Measured on"),
        required=False,
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty is today."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=240, required=False)


class UsualPainForm(ReasonForm):
    usual_pain = forms.IntegerField(
        label=gettext_lazy("Usual pain on an ordinary day"),
        help_text=gettext_lazy("What this person lives with. Every limit is judged against it."),
    )
    field_order = ["usual_pain", "reason"]


class AssignForm(VerbForm):
    version = forms.ChoiceField(label=gettext_lazy("Program"), widget=forms.RadioSelect)
    path = forms.ChoiceField(
        label=gettext_lazy("Path"),
        required=False,
        help_text=gettext_lazy("Only for programs that have paths."),
    )

    def __init__(self, data: Any = None, *, versions: Mapping[str, str], paths: Iterable[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["version"].choices = list(versions.items())  # type: ignore[attr-defined]
        self.fields["path"].choices = [("", "–")] + [(name, name.capitalize()) for name in paths]  # type: ignore[attr-defined]


# Exercises


class LevelForm(ReasonForm):
    level = forms.ChoiceField(label=gettext_lazy("Level"))
    lock = forms.BooleanField(
        label=gettext_lazy("Keep it there"),
        required=False,
        help_text=gettext_lazy("The rules then leave the level alone. Comes up for review in two weeks."),
    )
    field_order = ["level", "reason", "lock"]

    def __init__(self, data: Any = None, *, levels: Iterable[LevelVersion], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["level"].choices = [(level.code, f"{level.code} {level.name}") for level in levels]  # type: ignore[attr-defined]


# The weight and the hold have boxes of their own.
DOSE_LABELS = {name: words for name, words in NUMBER_WORDS.items() if name not in ("load_grams", "hold_s")}


class DoseForm(ReasonForm):
    """The numbers this dose has. Only those that differ from today's are changed."""

    def __init__(self, data: Any = None, *, item: ProgramItem, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.item = item
        for name, label in DOSE_LABELS.items():
            if (value := item.dose.get(name)) is not None:
                self.fields[name] = forms.IntegerField(label=label, initial=value)
        content = item.level.content
        held = item.dose.get("hold_s")
        self.fields["hold_s"] = forms.IntegerField(
            label=_("Hold, seconds"), initial=(content["hold_s"] or 0) if held is None else held, required=False
        )
        self.fields["tempo"] = forms.CharField(
            label=_("Seconds down, pause, up"),
            initial=item.dose.get("tempo") or content["tempo"],
            max_length=8,
            required=False,
        )
        if (grams := item.dose.get("load_grams")) is not None:
            self.fields["load"] = forms.DecimalField(
                label=_("Weight in kg"), initial=grams / 1000, decimal_places=3, max_digits=7
            )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def changes(self) -> dict[str, int | str]:
        given = {name: self.cleaned_data[name] for name in DOSE_LABELS if name in self.cleaned_data}
        if "load" in self.cleaned_data:
            given["load_grams"] = int(self.cleaned_data["load"] * 1000)
        changed = {name: value for name, value in given.items() if value != self.item.dose.get(name)}
        own = {name: self.cleaned_data[name] for name in ("hold_s", "tempo") if name in self.changed_data}
        return changed | {name: value for name, value in own.items() if value not in (None, "")}

    def show(self, refusal: Any) -> None:
        """The verb speaks of the dose as a whole: it stands above the numbers."""
        if "dose" in refusal.errors:
            self.add_error(None, refusal.errors.pop("dose"))
        if refusal.errors or not self.errors:
            super().show(refusal)


class SideForm(VerbForm):
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=BodySide.choices, widget=forms.RadioSelect)


class LimitsForm(ReasonForm):
    advance_max = forms.IntegerField(label=gettext_lazy("Next level only up to pain"), required=False)
    regress_at = forms.IntegerField(label=gettext_lazy("Step back from pain"), required=False)
    stop_at = forms.IntegerField(label=gettext_lazy("Stop from pain"), required=False)
    field_order = ["advance_max", "regress_at", "stop_at", "reason"]


class LockForm(ReasonForm):
    review_on = forms.DateField(
        label=gettext_lazy("Look again on"), required=False, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )


class SwapForm(ReasonForm):
    substitute = forms.ChoiceField(label=gettext_lazy("In its place"), widget=forms.RadioSelect)
    field_order = ["substitute", "reason"]

    def __init__(self, data: Any = None, *, choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["substitute"].choices = list(choices)  # type: ignore[attr-defined]


class HoldForm(ReasonForm):
    scope = forms.ChoiceField(
        label=gettext_lazy("What must stop"),
        choices=HoldScope.choices,
        widget=forms.RadioSelect,
        initial=HoldScope.ITEM,
    )
    field_order = ["scope", "reason"]


class ReleaseForm(VerbForm):
    effect = forms.ChoiceField(
        label=gettext_lazy("How the exercises go on"),
        choices=[one for one in PainFlag.Effect.choices if one[0] != PainFlag.Effect.NONE],
        widget=forms.RadioSelect,
        initial=PainFlag.Effect.LIGHTER,
    )


class PauseForm(ReasonForm):
    until = forms.DateField(
        label=gettext_lazy("Look again on"),
        required=False,
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        help_text=gettext_lazy("The program does not start again by itself."),
    )


class ChangeProposalForm(ReasonForm):
    """Another level than proposed, or other numbers at it. An empty number is the level's own."""

    level = forms.ChoiceField(label=gettext_lazy("Level"))
    sets = forms.IntegerField(label=gettext_lazy("Sets"), required=False)
    reps_low = forms.IntegerField(label=gettext_lazy("Repetitions from"), required=False)
    reps_high = forms.IntegerField(label=gettext_lazy("Repetitions to"), required=False)
    load = forms.DecimalField(label=gettext_lazy("Weight in kg"), required=False, decimal_places=3, max_digits=7)
    rom_pct = forms.IntegerField(label=gettext_lazy("Share of the range, percent"), required=False)
    field_order = ["level", "sets", "reps_low", "reps_high", "load", "rom_pct", "reason"]

    def __init__(self, data: Any = None, *, levels: Iterable[LevelVersion], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["level"].choices = [(level.code, f"{level.code} {level.name}") for level in levels]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, int | str]:
        given = {name: self.cleaned_data[name] for name in ("sets", "reps_low", "reps_high", "rom_pct")}
        if self.cleaned_data["load"] is not None:
            given["load_grams"] = int(self.cleaned_data["load"] * 1000)
        return {name: value for name, value in given.items() if value is not None}

    def show(self, refusal: Any) -> None:
        if "dose" in refusal.errors:
            self.add_error(None, refusal.errors.pop("dose"))
        if refusal.errors or not self.errors:
            super().show(refusal)


class ReviewForm(ReasonForm):
    until = forms.DateField(label=gettext_lazy("Look again on"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    field_order = ["until", "reason"]


class DeclineForm(VerbForm):
    note = forms.CharField(label=gettext_lazy("Why not"), max_length=240)


class MessageForm(VerbForm):
    body = forms.CharField(
        label=gettext_lazy("Message"),
        widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy("The mail about it carries no text of it, only the way to the portal."),
    )


# On behalf


BEHALF = [
    (Source.PHONE.value, gettext_lazy("By phone")),
    (Source.PAPER.value, gettext_lazy("On paper")),
]


class BehalfSessionForm(SessionForm):
    source = forms.ChoiceField(
        label=gettext_lazy("How it reached us"), choices=BEHALF, widget=forms.RadioSelect, initial=Source.PHONE
    )
    performed_at = forms.DateTimeField(
        label=gettext_lazy("When it was done"),
        required=False,
        widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("In the patient's time. Leave it empty for just now."),
    )


class CorrectionForm(SessionForm):
    """A stored session, with what staff say when they change what somebody else told."""

    performed_at = forms.DateTimeField(
        label=gettext_lazy("When it was done"),
        required=False,
        widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("In the patient's time."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=240, help_text=gettext_lazy("The next person will ask.")
    )


class AnswerForm(VerbForm):
    compared = forms.ChoiceField(
        label=gettext_lazy("Compared with usual"), choices=list(COMPARED.items()), widget=forms.RadioSelect
    )
    pain = forms.IntegerField(label=gettext_lazy("Pain now"))
    neuro = forms.MultipleChoiceField(
        label=gettext_lazy("New in the leg or foot"),
        required=False,
        choices=list(NEURO_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    red_flags = forms.MultipleChoiceField(
        label=gettext_lazy("Anything new or worrying?"),
        required=False,
        choices=list(RED_FLAG_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )


class PainForm(VerbForm):
    """A phoned pain report. Nothing but the pain is required: a warning sign must never wait for another field."""

    item = forms.ChoiceField(label=gettext_lazy("During which exercise"), required=False)
    pain = forms.IntegerField(label=gettext_lazy("Pain"), required=False)
    words = forms.MultipleChoiceField(
        label=gettext_lazy("What they felt"),
        required=False,
        choices=list(WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    strength_loss = forms.BooleanField(label=gettext_lazy("Lost strength"), required=False)
    neuro = forms.MultipleChoiceField(
        label=gettext_lazy("New in the leg or foot"),
        required=False,
        choices=list(NEURO_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    red_flags = forms.MultipleChoiceField(
        label=gettext_lazy("Anything new or worrying?"),
        required=False,
        choices=list(RED_FLAG_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label=gettext_lazy("In their words"), required=False, max_length=2000, widget=forms.Textarea(attrs=LONG)
    )

    def __init__(self, data: Any = None, *, items: Iterable[ProgramItem], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.items = {str(item.pk): item for item in items}
        none = [("", _("None: outside the exercises"))]
        self.fields["item"].choices = none + [(pk, item.name) for pk, item in self.items.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("pain") is None and "pain" not in self.errors and not cleaned.get("red_flags"):
            self.add_error("pain", _("Choose a number from 0 to 10."))
        return cleaned
