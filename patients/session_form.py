"""The form of a logged session, shared by every door in which somebody types one: what is asked, and how it is read.

The fields of an exercise are named `<item id>-<name>`, as the refusals of `log_session` name them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid6 import uuid7

from clinic.refusals import Refused
from patients.models import Session
from patients.plan import TodayItem
from patients.sessions import Entry, SetDone
from patients.told_forms import WORDS, WarningSignsForm

SKIPPED = {
    "": gettext_lazy("Done"),
    "hurts": gettext_lazy("It hurts"),
    "cramp": gettext_lazy("Cramp"),
    "no_time": gettext_lazy("No time"),
    "no_equipment": gettext_lazy("No equipment"),
    "unsure": gettext_lazy("Unsure how"),
    "other": gettext_lazy("Another reason"),
}
FORM = {"ok": gettext_lazy("Good"), "partly": gettext_lazy("Mostly"), "lost": gettext_lazy("Lost it")}
CRAMP = {
    "": gettext_lazy("None"),
    "resolved": gettext_lazy("Yes, it settled"),
    "unresolved": gettext_lazy("Yes, it did not settle"),
}
SIDES = {"left": gettext_lazy("Left"), "right": gettext_lazy("Right"), "both": gettext_lazy("Both")}


@dataclass(frozen=True)
class SetRow:
    """One line of the sets table: its number and a cell for each side, with the side's word."""

    number: int
    cells: tuple[tuple[str, forms.BoundField], ...]


class SessionForm(WarningSignsForm):
    """One session: a block of fields an exercise, then effort, a note and the question about warning signs.

    `rows` are the exercises as `patients.plan.today` gives them. An exercise in which nothing was filled in is not
    part of the session; `as_planned` in the data fills every empty number with the dose.
    """

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    effort = forms.IntegerField(label=gettext_lazy("How hard was it?"), required=False, min_value=0, max_value=10)
    note = forms.CharField(
        label=gettext_lazy("Anything to add?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, rows: Sequence[TodayItem], **kwargs: Any) -> None:
        super().__init__(data, **({"initial": {"client_id": uuid7()}} | kwargs))
        self.rows = rows
        self.refused: dict[str, list[str]] = {}
        for row in rows:
            self._add_fields_of(row)

    def _add_fields_of(self, row: TodayItem) -> None:
        key, content = row.item.pk, row.item.level.content
        text, sides = _("%(name)s, set %(number)s, %(side)s"), [(side, str(SIDES[side])) for side in row.sides]
        for number in range(1, (row.dose.sets_max or row.dose.sets) + 1):
            for side, word in sides:
                # Planned numbers are filled in for the sets that are asked; a set beyond them stays empty.
                planned = amount_planned(row) if number <= row.dose.sets else ""
                label = text % {"name": row.name, "number": number, "side": word}
                attrs = {"inputmode": "numeric", "min": 0, "max": most_of(row), "data-planned": planned}
                self.fields[f"{key}-{side}-{number}"] = forms.IntegerField(
                    label=label, required=False, widget=forms.NumberInput(attrs=attrs | {"aria-label": label})
                )
        if content["load_unit"] == "kg":
            self.fields[f"{key}-load"] = forms.DecimalField(
                label=_("Weight in kg"), required=False, min_value=0, max_value=300, decimal_places=3
            )
        for name, label in (
            ("pain_before", _("Pain before")),
            ("pain_during", _("Worst pain during")),
            ("pain_after", _("Pain after")),
        ):
            self.fields[f"{key}-{name}"] = forms.IntegerField(label=label, required=False)
        self.fields[f"{key}-skipped"] = _choice(_("Did you do it?"), SKIPPED, forms.Select)
        self.fields[f"{key}-form"] = _choice(_("How was your form?"), FORM, forms.RadioSelect)
        self.fields[f"{key}-cramp"] = _choice(_("A cramp?"), CRAMP, forms.RadioSelect)
        self.fields[f"{key}-words"] = forms.MultipleChoiceField(
            label=_("What did you feel?"),
            required=False,
            choices=list(WORDS.items()),
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields[f"{key}-strength_loss"] = forms.BooleanField(label=_("Lost strength"), required=False)
        if row.item.ladder_version.kind == "nerve":
            self.fields[f"{key}-painful"] = forms.BooleanField(label=_("The glide itself hurt"), required=False)
        self.fields[f"{key}-short_range"] = forms.BooleanField(label=_("Not the full range"), required=False)
        self.fields[f"{key}-note"] = forms.CharField(label=_("About this exercise"), required=False, max_length=500)

    def blocks(self) -> Iterator[dict[str, Any]]:
        """An exercise at a time, for the template: its row of today, sets table and fields by their short names."""
        for row in self.rows:
            own = f"{row.item.pk}-"
            named = {name.removeprefix(own): self[name] for name in self.fields if name.startswith(own)}
            yield {
                "row": row,
                "key": row.item.pk,
                "unit": _("Seconds") if is_timed(row) else _("Repetitions"),
                "sets": self._set_rows(row, named),
                "sides": [SIDES[side] for side in row.sides],
                "errors": [text for name in ("sets", "") for text in self.errors_of(row.item.pk, name)],
                "field": named,
            }

    def _set_rows(self, row: TodayItem, named: dict[str, forms.BoundField]) -> list[SetRow]:
        last = row.dose.sets_max or row.dose.sets
        return [
            SetRow(number, tuple((str(SIDES[side]), named[f"{side}-{number}"]) for side in row.sides))
            for number in range(1, last + 1)
        ]

    def errors_of(self, item_id: UUID, name: str) -> list[str]:
        """Refusals of the verb that belong to an exercise as a whole: its sets, or the exercise itself."""
        return self.refused.get(f"{item_id}-{name}" if name else f"{item_id}", [])

    def show(self, refusal: Refused) -> None:
        """Each refusal at its field; those about an exercise's sets at its sets table, and in the summary."""
        for name, text in refusal.errors.items():
            if name in self.fields:
                self.add_error(name, text)
                continue
            key, _dash, _side = name.partition("-sets")
            owner = next((row for row in self.rows if key == str(row.item.pk)), None)
            if owner is None:
                self.add_error(None, text)
                continue
            self.refused.setdefault(f"{key}-sets", []).append(text)
            self.add_error(None, f"{owner.name}: {text}")
        if not refusal.errors:
            self.add_error(None, str(refusal))

    def entries(self) -> list[Entry]:
        """What was filled in, one Entry an exercise. Call after `is_valid`."""
        as_planned = bool(self.data.get("as_planned"))
        found = [self._entry(row, as_planned=as_planned) for row in self.rows]
        return [entry for entry in found if entry is not None]

    def _entry(self, row: TodayItem, *, as_planned: bool) -> Entry | None:
        given = self._given(row)
        if given["skipped"]:
            return Entry(
                item_id=row.item.pk, skipped=given["skipped"], pain_during=given["pain_during"], note=given["note"]
            )
        sets = self._sets(row, given, as_planned=as_planned)
        scores = [given[name] for name in ("pain_before", "pain_during", "pain_after")]
        if not sets and all(score is None for score in scores):
            return None
        return Entry(
            item_id=row.item.pk,
            sets=sets,
            pain_before=scores[0],
            pain_during=scores[1],
            pain_after=scores[2],
            form=given["form"] or "ok",
            cramp=given["cramp"],
            words=given["words"],
            strength_loss=given["strength_loss"],
            painful=given.get("painful", False),
            full_rom=not given["short_range"],
            note=given["note"],
        )

    def _given(self, row: TodayItem) -> dict[str, Any]:
        own = f"{row.item.pk}-"
        return {name.removeprefix(own): value for name, value in self.cleaned_data.items() if name.startswith(own)} | {
            "key": row.item.pk
        }

    def _sets(self, row: TodayItem, given: dict[str, Any], *, as_planned: bool) -> list[SetDone]:
        """The sets that hold a number. Seconds for what is timed, repetitions for the rest; weight in grams."""
        load = given.get("load")
        grams = None if load is None else int(load * 1000)
        planned = amount_planned(row)
        sets = []
        for number in range(1, (row.dose.sets_max or row.dose.sets) + 1):
            for side in row.sides:
                amount = given.get(f"{side}-{number}")
                if amount is None and as_planned and number <= row.dose.sets:
                    amount = planned
                if amount is None:
                    continue
                timed = is_timed(row)
                sets.append(
                    SetDone(side=side, reps=None if timed else amount, seconds=amount if timed else None, load=grams)
                )
        return sets


def typed_before(session: Session, rows: Sequence[TodayItem]) -> dict[str, Any]:
    """What a stored session says, by the names of the form's fields; `rows` as `rows_logged` gives them."""
    said: dict[str, Any] = {
        "client_id": uuid7(),
        "effort": session.effort,
        "note": session.note,
        "red_flags": session.red_flags,
        "neuro": session.neuro,
    }
    logs = {log.item_id: log for log in session.exercises.all()}
    for row in rows:
        log, key = logs[row.item.pk], row.item.pk
        said[f"before-{row.item.region}"] = log.pain_before
        for name in ("pain_before", "pain_during", "pain_after", "skipped", "form", "cramp", "words", "note"):
            said[f"{key}-{name}"] = getattr(log, name)
        said |= {f"{key}-strength_loss": log.strength_loss, f"{key}-painful": log.painful}
        said[f"{key}-short_range"] = not log.full_rom
        load = next((one["load"] for one in log.sets if one.get("load") is not None), None)
        said[f"{key}-load"] = None if load is None else Decimal(load) / 1000
        for side in row.sides:
            done = [one for one in log.sets if one["side"] == side]
            for number in range(1, (row.dose.sets_max or row.dose.sets) + 1):
                amount = done[number - 1].get("seconds" if is_timed(row) else "reps") if number <= len(done) else None
                said[f"{key}-{side}-{number}"] = amount
    return said


def is_timed(row: TodayItem) -> bool:
    return row.dose.reps_low is None and row.dose.seconds_low is not None


def amount_planned(row: TodayItem) -> int:
    """The number a set asks for: the low end of its range."""
    return row.dose.reps_low or row.dose.seconds_low or 1


def most_of(row: TodayItem) -> int:
    return 1800 if is_timed(row) else 300


def _choice(label: str, choices: dict[str, Any], widget: type[forms.Widget]) -> forms.ChoiceField:
    first = next(iter(choices))
    return forms.ChoiceField(label=label, choices=list(choices.items()), required=False, initial=first, widget=widget)
