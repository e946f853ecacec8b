"""What a patient is told, once and in plain words, when the program itself has changed."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic.models import User
from patients.models import Patient, Program, ProgramEvent
from patients.models.assignment import MOVED, MOVED_BACK, NEWS_READ
from patients.version_changes import Changes, Fate, Line
from programs.models.template import PainPolicy
from programs.templatetags.dose import dose_line, frequency_words

TOLD = (MOVED, MOVED_BACK)


def unread_news(program: Program) -> ProgramEvent | None:
    """The change that nobody has confirmed to have read yet. Asks only where `with_news` found one."""
    if program.news not in TOLD:  # type: ignore[attr-defined]
        return None
    last = _last(program)
    return last if last and last.data.get("told") else None


def is_unread(event: ProgramEvent) -> bool:
    last = _last(event.program)
    return last is not None and last.pk == event.pk


def _last(program: Program) -> ProgramEvent | None:
    told = ProgramEvent.objects.filter(program=program, kind__in=(*TOLD, NEWS_READ))
    return told.order_by("-at", "-pk").first()


@transaction.atomic
def mark_read(event: ProgramEvent, *, actor: User | None, now: datetime) -> None:
    """The patient, or whoever looks after them, has read it. Twice is once; an older one is no longer asked about."""
    Program.objects.select_for_update().get(pk=event.program_id)
    if is_unread(event):
        ProgramEvent.objects.create(
            program=event.program, kind=NEWS_READ, actor=actor, at=now, data={"event": str(event.pk)}
        )


def language_of(patient: Patient) -> str:
    return patient.preferences.language or settings.LANGUAGE_CODE


def words_of(changes: Changes) -> list[str]:
    """The difference a patient will notice, a sentence each, in the language that is active."""
    words = [sentence for line in changes.lines for sentence in _sentences(line)]
    if changes.new_policy and changes.pain_policy == PainPolicy.STRICT:
        words.append(_("From now on, new pain means: stop and ask us."))
    elif changes.new_policy:
        words.append(_("From now on, a little pain while you exercise is all right."))
    return [*words, _("What you have reached so far counts on.")]


def _sentences(line: Line) -> Iterator[str]:
    name = capfirst(line.name)
    if line.fate is Fate.ADDED and line.dose is not None:
        words = {"name": name, "dose": dose_line(line.dose, line.level), "often": frequency_words(line.dose)}
        yield _("New: %(name)s, %(dose)s, %(often)s.") % words
    elif line.fate is Fate.ENDED:
        yield _("No longer on your program: %(name)s.") % {"name": name}
    elif line.new_level and line.level_before:
        yield _("%(before)s is now: %(name)s.") % {"before": capfirst(line.level_before.name), "name": name}
    if line.new_dose and line.dose_before is not None and line.dose is not None:
        yield _("%(name)s: now %(dose)s, %(often)s. Before: %(before)s, %(seldom)s.") % {
            "name": name,
            "dose": dose_line(line.dose, line.level),
            "often": frequency_words(line.dose),
            "before": dose_line(line.dose_before, line.level_before),
            "seldom": frequency_words(line.dose_before),
        }
    elif line.new_words and not line.new_level:
        yield _("%(name)s: how to do it is described anew. Please read it once more.") % {"name": name}
