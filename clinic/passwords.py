"""Words that are easy to guess for who knows the house: no password of staff holds one of them."""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.models import Membership, User

PRODUCT = "stepwell"
SHORTEST = 4  # letters of a word that counts: "the" and "at" are in every sentence


class WordsOfTheHouseValidator:
    """Refuses the product's name, the person's name and address, and the names and own list of their clinics."""

    def validate(self, password: str, user: User | None = None) -> None:
        folded = password.casefold()
        for word in words_for(user):
            if word in folded:
                text = _("Do not use “%(word)s”: others could guess it. Take words that only you would think of.")
                raise ValidationError(text, code="word_of_the_house", params={"word": word})

    def get_help_text(self) -> str:
        return _("No names: not yours, not the clinic’s.")


def words_for(user: User | None) -> list[str]:
    """What somebody who knows `user` and their clinics would try first, case-folded, the longest first."""
    texts = [PRODUCT]
    if user:
        texts += [user.name, user.email.partition("@")[0]]
        for member in Membership.objects.active().filter(user=user).select_related("clinic"):
            clinic = member.clinic
            texts += [clinic.name, clinic.short_name, clinic.slug, *clinic.password_words]
    return sorted(set(_words(texts)), key=lambda word: (-len(word), word))


def _words(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        yield from (word for word in re.findall(r"[^\W_]+", text.casefold()) if len(word) >= SHORTEST)
