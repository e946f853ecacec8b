"""What somebody agrees to when asking for a trial: a box for each line, and the text shown is kept as a digest."""

import hashlib
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic
from patients.models.patient import ConsentKind

# Count up with every change of a text: stored consents name the version that was shown.
VERSION = "1"


@dataclass(frozen=True)
class Term:
    kind: str
    text: str | Promise
    required: bool

    @property
    def field(self) -> str:
        return f"consent_{self.kind}"


TERMS: tuple[Term, ...] = (
    Term(
        ConsentKind.TRIAL_TERMS,
        _("The trial costs nothing, needs no card, and ends by itself after two weeks."),
        required=True,
    ),
    Term(
        ConsentKind.TREATMENT,
        _("I want to take part in exercise, and I stop and ask if something hurts."),
        required=True,
    ),
    Term(
        ConsentKind.HEALTH_DATA,
        _("The clinic may keep and use what I say here about my health, to decide about the trial and to run it."),
        required=True,
    ),
    Term(ConsentKind.PRIVACY, _("I have read the privacy notice."), required=True),
    Term(
        ConsentKind.EMAIL,
        _("The clinic may write to me by e-mail. I know that plain e-mail can be read by others on its way."),
        required=True,
    ),
    Term(ConsentKind.REMINDERS, _("Send me a reminder on the days I exercise."), required=False),
    Term(ConsentKind.MARKETING, _("Tell me about other offers of the clinic."), required=False),
)
KINDS = {str(term.kind) for term in TERMS}
REQUIRED = [str(term.kind) for term in TERMS if term.required]


def text_hash(kind: str, clinic: Clinic) -> str:
    """The digest of what was shown for `kind`; for the privacy box the notice itself is part of it."""
    text = next(str(term.text) for term in TERMS if term.kind == kind)
    if kind == ConsentKind.PRIVACY:
        text = f"{text}\n{clinic.privacy_notice}"
    return hashlib.sha256(text.encode()).hexdigest()
