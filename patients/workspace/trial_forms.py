"""Forms of the trial board."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms import VerbForm
from clinic.models import User
from clinic.zones import zone
from patients.audit_checks import CHECKS, Check, Finding
from patients.exercise_audits import MISSES
from patients.models.episode import BodySide
from patients.trials import OUTCOMES, REASONS
from programs.models import Level

PAIN = [("", "–"), *((n, n) for n in range(11))]
PATHS = [("muscle", _("Muscle: bridge and hinge")), ("nerve", _("Nerve: glides, only once cleared"))]
REASON_WORDS = {
    "cost": _("Cost"),
    "time": _("Time"),
    "better": _("Feels better"),
    "worse": _("Feels worse"),
    "distance": _("Distance"),
    "other": _("Something else"),
}
MISS_WORDS = {
    "did_not_come": _("Did not come"),
    "cancelled": _("Cancelled by the person"),
    "clinic_cancelled": _("Cancelled by the clinic"),
}
OUTCOME_WORDS = {
    "not_converted": _("Ended, and does not stay"),
    "withdrawn": _("Does not want to go on"),
    "stopped_clinical": _("Stopped for clinical reasons"),
}


class AcceptForm(VerbForm):
    side = forms.ChoiceField(label=_("Side"), choices=BodySide.choices, widget=forms.RadioSelect)
    usual_pain = forms.TypedChoiceField(
        label=_("Usual pain"),
        help_text=_("What this person lives with on an ordinary day. Every limit is judged against it."),
        choices=[(n, n) for n in range(11)],
        coerce=int,
        empty_value=None,
    )
    reason = forms.CharField(label=_("Why it may go ahead"), max_length=240, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, eligible: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if eligible:
            self.fields["reason"].required = False


class DeclineForm(VerbForm):
    reason = forms.CharField(
        label=_("Why, and what the person was told"), max_length=240, widget=forms.Textarea(attrs={"rows": 2})
    )


class BookForm(VerbForm):
    at = forms.DateTimeField(
        label=_("When"),
        help_text=_("In the clinic's time. Plan 30 to 40 minutes."),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )

    by = forms.ChoiceField(label=_("With whom"), required=False)

    def __init__(self, *args: Any, therapists: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(user.pk): user for user in therapists}
        names = [(pk, user.name) for pk, user in self.known.items()]
        self.fields["by"].choices = [("", _("Whoever is free")), *names]  # type: ignore[attr-defined]

    def chosen(self) -> User | None:
        return self.known.get(self.cleaned_data["by"])

    def moment(self, zone_name: str) -> datetime:
        typed: datetime = self.cleaned_data["at"]
        return typed.replace(tzinfo=zone(zone_name), fold=0)


class MissForm(VerbForm):
    code = forms.ChoiceField(
        label=_("What happened"), choices=[(code, MISS_WORDS[code]) for code in MISSES], widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=240)


class StartForm(VerbForm):
    path = forms.ChoiceField(label=_("Path"), choices=PATHS, widget=forms.RadioSelect)


class ConvertForm(VerbForm):
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class EndForm(VerbForm):
    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[(state.value, OUTCOME_WORDS[state.value]) for state in OUTCOMES],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(code, REASON_WORDS[code]) for code in REASONS], widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class AuditForm(VerbForm):
    """A few fields for each check of the audit. A check left at "not looked at" leaves no finding."""

    leg_tingling = forms.TypedChoiceField(
        label=_("Tingling or numbness below the knee"),
        choices=[("yes", _("Yes")), ("no", _("No")), ("unsure", _("Not sure"))],
        coerce={"yes": True, "no": False, "unsure": None}.__getitem__,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    path = forms.ChoiceField(
        label=_("Path of the two weeks"),
        choices=[("", _("Decide at the start")), *PATHS],
        required=False,
        widget=forms.RadioSelect,
    )
    summary = forms.CharField(
        label=_("Summary"),
        help_text=_("What you saw, and where to begin. The next person will read it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, data: Any = None, *, faults: Mapping[str, list[str]], levels: Iterable[Level], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.levels_of: dict[str, list[tuple[str, str]]] = {}
        for level in levels:
            self.levels_of.setdefault(level.ladder.code, []).append((level.code, f"{level.code} {level.name}"))
        for check in CHECKS:
            self._add(check, faults.get(check.code, []))

    def _add(self, check: Check, faults: list[str]) -> None:
        if check.values:
            self.fields[f"{check.code}-value"] = forms.ChoiceField(
                label=_("Result"),
                choices=[*check.values, ("", _("Not done"))],
                required=False,
                widget=forms.RadioSelect,
            )
        else:
            self.fields[f"{check.code}-met"] = forms.ChoiceField(
                label=_("Seen"),
                choices=[("yes", _("Met")), ("no", _("Not met")), ("", _("Not looked at"))],
                required=False,
                widget=forms.RadioSelect,
            )
        if faults:
            self.fields[f"{check.code}-faults"] = forms.MultipleChoiceField(
                label=_("Faults seen"),
                choices=[(fault, fault) for fault in faults],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields[f"{check.code}-pain"] = forms.TypedChoiceField(
            label=_("Pain during, 0 to 10"), choices=PAIN, coerce=int, empty_value=None, required=False
        )
        if check.met and f"{check.ladder}-level" not in self.fields and check.ladder in self.levels_of:
            self.fields[f"{check.ladder}-level"] = forms.ChoiceField(
                label=_("Begin at"),
                choices=[("", _("As the finding says")), *self.levels_of[check.ladder]],
                required=False,
            )

    def parts(self) -> list[dict[str, Any]]:
        """Each check with its fields, for the template."""
        shown: set[str] = set()
        rows = []
        for check in CHECKS:
            names = [f"{check.code}-{part}" for part in ("met", "value", "faults", "pain")]
            level = f"{check.ladder}-level"
            if level in self.fields and level not in shown:
                shown.add(level)
                names.append(level)
            rows.append(
                {
                    "check": check,
                    "fields": {name.rpartition("-")[2]: self[name] for name in names if name in self.fields},
                }
            )
        return rows

    def findings(self) -> list[Finding]:
        found = []
        for check in CHECKS:
            given = self.cleaned_data.get
            met, value = given(f"{check.code}-met", ""), given(f"{check.code}-value", "")
            if met or value:
                found.append(
                    Finding(
                        check.code,
                        met=met == "yes" or bool(value),
                        faults=tuple(given(f"{check.code}-faults") or ()),
                        pain=given(f"{check.code}-pain"),
                        value=value or "",
                    )
                )
        return found

    def levels(self) -> dict[str, str]:
        return {ladder: self.cleaned_data.get(f"{ladder}-level", "") for ladder in self.levels_of}
