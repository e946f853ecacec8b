"""Who may have a trial: handbook 4.2 as an ordered table. The first row that matches stands; pure, no database."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from patients.models.episode import Slump
from patients.models.intake import Screening
from patients.red_flag_words import RED_FLAG_WORDS

ADULT = 18
RESTING_PAIN_TOP = 8  # handbook 4.2, row 8

# A British postcode without its space: the first part says the area, the last three characters the street.
BRITISH = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")


@dataclass(frozen=True)
class Applicant:
    """What the answers and the clinic's own records say. `severity` is the worst of the warning signs, 1 to 5."""

    severity: int | None = None
    red_flags: tuple[str, ...] = ()
    age: int | None = None
    had_trial: bool = False
    is_patient: bool = False
    in_area: bool = True
    history: frozenset[str] = frozenset()
    pain_rest: int | None = None
    slump: str = Slump.NOT_DONE
    leg_tingling: bool | None = None


# Answers that need a clinician's look before anything starts (row 8), with what staff read.
HISTORY_REASONS: dict[str, Callable[[], str]] = {
    "surgery_12_weeks": lambda: _("Had surgery in the last 12 weeks."),
    "pregnant": lambda: _("Is pregnant."),
    "blood_thinners": lambda: _("Takes blood thinners."),
    "cancer_history": lambda: _("Has had cancer."),
    "chest_on_effort": lambda: _("Chest symptoms on effort."),
}
PAYER_REVIEW = "federal_payer"


def screen(applicant: Applicant) -> tuple[Screening, list[str]]:
    """The result and its reasons in plain words. A later row is never asked once an earlier one has matched."""
    for result, row in ROWS:
        reasons = list(row(applicant))
        if reasons:
            return result, reasons
    return Screening.ELIGIBLE, [_("Nothing in the answers speaks against a trial.")]


def _severity_one(one: Applicant) -> Iterator[str]:
    if one.severity == 1:
        yield from _signs(one, _("Possible emergency: %(sign)s."))


def _severity_two(one: Applicant) -> Iterator[str]:
    if one.severity == 2:
        yield from _signs(one, _("Needs a clinician today: %(sign)s."))


def _under_age(one: Applicant) -> Iterator[str]:
    if one.age is not None and one.age < ADULT:
        yield _("%(age)d years old: a parent or guardian must ask, and agree, with the clinic.") % {"age": one.age}


def _had_trial(one: Applicant) -> Iterator[str]:
    if one.had_trial:
        yield _("This person has had a trial here before.")


def _is_patient(one: Applicant) -> Iterator[str]:
    if one.is_patient:
        yield _("This person is a patient of the clinic now: their therapist decides.")


def _out_of_area(one: Applicant) -> Iterator[str]:
    if not one.in_area:
        yield _("The postcode lies outside the area of the trial.")


def _payer(one: Applicant) -> Iterator[str]:
    if PAYER_REVIEW in one.history:
        yield _("A government programme pays for their care: check first whether a free service may be offered.")


def _clinician_first(one: Applicant) -> Iterator[str]:
    yield from (words() for code, words in HISTORY_REASONS.items() if code in one.history)
    if one.severity is not None:
        yield from _signs(one, _("Warning sign: %(sign)s."))
    if one.pain_rest is not None and one.pain_rest >= RESTING_PAIN_TOP:
        yield _("Pain at rest is %(pain)d: 8 or more needs a look first.") % {"pain": one.pain_rest}


def _audit_first(one: Applicant) -> Iterator[str]:
    if one.leg_tingling or one.slump == Slump.EASES:
        yield _(
            "Signs of an irritated nerve: the exercise audit first; nerve glides only once a clinician clears them."
        )


ROWS: Sequence[tuple[Screening, Callable[[Applicant], Iterator[str]]]] = (
    (Screening.REFERRED_OUT, _severity_one),
    (Screening.NEEDS_CLINICIAN, _severity_two),
    (Screening.GUARDIAN_REQUIRED, _under_age),
    (Screening.DUPLICATE, _had_trial),
    (Screening.EXISTING_PATIENT, _is_patient),
    (Screening.OUT_OF_AREA, _out_of_area),
    (Screening.NEEDS_BILLING_REVIEW, _payer),
    (Screening.NEEDS_CLINICIAN, _clinician_first),
    (Screening.ELIGIBLE, _audit_first),
)


def _signs(one: Applicant, text: str) -> Iterator[str]:
    for code in one.red_flags:
        yield text % {"sign": RED_FLAG_WORDS.get(code, code)}


def age_on(birth_date: date, today: date) -> int:
    """Whole years. Who is born on 29 February has a birthday on 1 March in other years."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def in_area(postcode: str, areas: Collection[str]) -> bool:
    """Whether a postcode lies in the service area; no area named is everywhere.

    An area is the beginning of a postcode ("802" of 80203). British ones are compared by their first part, so that
    M1 does not take in M14, while M takes in all of Manchester.
    """
    typed = _plain(postcode)
    wanted = {_plain(area) for area in areas} - {""}
    if not wanted:
        return True
    british = BRITISH.fullmatch(typed)
    if british is None:
        return any(typed.startswith(area) for area in wanted)
    first = british[1]
    letters = re.sub(r"[0-9].*", "", first)
    return any(area in (typed, first, letters) or _district_of(first, area) for area in wanted)


def _district_of(first: str, area: str) -> bool:
    """SW1 takes in SW1A, and not SW12."""
    rest = first.removeprefix(area)
    return len(rest) == 1 and rest.isalpha() and rest != first


def _plain(postcode: str) -> str:
    return "".join(postcode.upper().split())
