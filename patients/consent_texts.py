"""The words people agree to. A clinic may write its own; each change is a new version, and a consent keeps its words.

Until a clinic writes its own, the words are ours, and they become a version when somebody first agrees to them. The
words of the privacy box go with the clinic's privacy notice: another notice is another version.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import audit
from clinic.models import Clinic, User
from clinic.refusals import Refused
from patients.models import Consent, ConsentText
from patients.models.consent import ConsentKind
from patients.trial_terms import TERMS

OURS: dict[str, str | Promise] = {
    **{str(term.kind): term.text for term in TERMS},
    str(ConsentKind.MAIL_DETAIL): gettext_lazy(
        "Mails may name my exercises. I know that somebody else might read them on the way or over my shoulder."
    ),
}


def words_of(clinic: Clinic) -> dict[str, str]:
    """Kind → the words somebody agrees to today, the privacy notice included. One query."""
    own = ConsentText.objects.filter(clinic=clinic).exclude(kind=ConsentKind.PRIVACY).order_by("version")
    words = {kind: str(text) for kind, text in OURS.items()} | dict(own.values_list("kind", "text"))
    words[ConsentKind.PRIVACY] = f"{words[ConsentKind.PRIVACY]}\n\n{clinic.privacy_notice}".strip()
    return words


def todays(clinic: Clinic, kind: str, *, now: datetime) -> ConsentText:
    """The version somebody agrees to today, made now if nobody has yet."""
    return _keep(clinic, kind, words_of(clinic)[kind], actor=None, now=now)


@transaction.atomic
def change(clinic: Clinic, words: Mapping[str, str], *, actor: User, now: datetime) -> list[str]:
    """Put other words in place, kind → words; for the privacy box the notice. Gives the kinds that have changed.

    Consents given before keep their words and hold; people are asked anew. Raises Refused naming the kind: no words.
    """
    if empty := [kind for kind, text in words.items() if kind != ConsentKind.PRIVACY and not text.strip()]:
        raise Refused(_("Nothing was changed."), {kind: _("Somebody has to agree to something.") for kind in empty})
    before = words_of(clinic)
    given = {kind: text.replace("\r\n", "\n").strip() for kind, text in words.items()}
    if ConsentKind.PRIVACY in given:
        clinic.privacy_notice = given.pop(ConsentKind.PRIVACY)
        clinic.save(update_fields=["privacy_notice"])
    after = words_of(clinic) | given
    changed = [kind for kind in after if after[kind] != before[kind]]
    for kind in changed:
        _keep(clinic, kind, before[kind], actor=None, now=now)
        made = _keep(clinic, kind, after[kind], actor=actor, now=now)
        audit.note("change_consent_text", made, clinic=clinic, actor=actor, now=now)
    return changed


def agreed_to_other_words() -> models.Exists:
    """For a query over patients: whether one is to be asked anew."""
    return models.Exists(Consent.objects.reworded().filter(patient=models.OuterRef("pk")))


def _keep(clinic: Clinic, kind: str, text: str, *, actor: User | None, now: datetime) -> ConsentText:
    """The newest version, if these are its words; else the next one. Two at once make one row: the key is unique."""
    newest = ConsentText.objects.filter(clinic=clinic, kind=kind).order_by("-version").first()
    if newest and newest.text == text:
        return newest
    made, _is_new = ConsentText.objects.get_or_create(
        clinic=clinic,
        kind=kind,
        version=newest.version + 1 if newest else 1,
        defaults={"text": text, "made_at": now, "made_by": actor},
    )
    return made


def digest(text: ConsentText) -> str:
    return hashlib.sha256(text.text.encode()).hexdigest()
