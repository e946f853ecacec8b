"""What somebody agrees to when asking for a trial: a box for each line, in the clinic's words where it has its own."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.models.consent import ConsentKind


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
        _("The clinic may keep and use what I say about my health, to decide what is right for me and to run it."),
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
