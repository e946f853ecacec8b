"""Exceptions: a licensed therapist allows what a recorded answer rules out, where the library lets them.

The rows are the record; `Episode.exempt` names those that stand, so that Today and the rules read them without
asking again. Only this module writes either. Never over a nerve sign: no library may say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from patients.contraindication_words import in_plain_words
from patients.gates import refuse_exception
from patients.models import Allowance, Episode
from programs.models import Ladder
from programs.nerve import NERVE_CODES


@dataclass(frozen=True)
class Possible:
    """An exception that the library lets a licensed therapist make for this episode."""

    ladder: Ladder
    code: str

    @property
    def key(self) -> str:
        return f"{self.ladder.code}:{self.code}"

    @property
    def words(self) -> str:
        return f"{self.ladder.title}: {in_plain_words(self.code)}"


def possible(episode: Episode) -> list[Possible]:
    """What rules an exercise out for this episode and may be excepted, but is not yet."""
    ladders = Ladder.objects.of(episode.patient.clinic).filter(retired_at=None).order_by("title")
    found = [Possible(ladder, code) for ladder in ladders for code in overridable(ladder)]
    return [one for one in found if one.code in episode.contraindications and one.key not in episode.exempt]


def overridable(ladder: Ladder) -> Sequence[str]:
    return [code for code in ladder.details.get("overridable", []) if code not in NERVE_CODES]


@transaction.atomic
def allow(episode: Episode, key: str, *, reason: str, review_on: date | None, actor: User, now: datetime) -> Allowance:
    """Allow one ladder although one recorded answer rules it out; `key` is LADDER:code. Twice is once.

    Raises Refused for whoever is not licensed, where the library does not let anybody, and naming the field.
    """
    episode = Episode.objects.select_for_update(of=("self",)).select_related("patient__clinic").get(pk=episode.pk)
    refuse_exception(episode, reason=reason, review_on=review_on, actor=actor, now=now)
    assert review_on is not None
    ladder_code, _colon, code = key.partition(":")
    ladder = Ladder.objects.of(episode.patient.clinic).filter(code=ladder_code).first()
    if ladder is None or code not in overridable(ladder):
        raise Refused(_("No exception was made."), {"what": _("The library does not let anybody allow this.")})
    made, is_new = Allowance.objects.get_or_create(
        episode=episode,
        ladder=ladder.code,
        code=code,
        withdrawn_at=None,
        defaults={
            "patient": episode.patient,
            "reason": reason.strip(),
            "review_on": review_on,
            "granted_at": now,
            "granted_by": actor,
        },
    )
    if is_new:
        _write(episode)
        _note("except", made, actor=actor, now=now)
    return made


@transaction.atomic
def withdraw(allowance: Allowance, *, actor: User, now: datetime) -> None:
    """The answer rules the exercise out again from now on. Twice is once."""
    episode = Episode.objects.select_for_update(of=("self",)).select_related("patient").get(pk=allowance.episode_id)
    standing = Allowance.objects.standing().filter(pk=allowance.pk)
    if standing.update(withdrawn_at=now, withdrawn_by=actor):
        _write(episode)
        _note("withdraw", allowance, actor=actor, now=now)


def _write(episode: Episode) -> None:
    rows = Allowance.objects.standing().filter(episode=episode).order_by("granted_at", "pk")
    episode.exempt = [f"{row.ladder}:{row.code}" for row in rows]
    episode.save(update_fields=["exempt"])


def _note(verb: str, allowance: Allowance, *, actor: User, now: datetime) -> None:
    patient = allowance.episode.patient
    audit.note(verb, allowance, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
