"""What was published stays as it was: patients exercise by it, and old decisions point at it."""

from typing import Any, NoReturn

from django.utils.translation import gettext as _

from clinic.models import Record
from clinic.refusals import Refused


class Frozen(Refused):
    """Somebody tried to change or delete what was published. Make a new version instead."""

    def __init__(self) -> None:
        super().__init__(_("This was published and stays as it is. Make a new draft to change it."))


def refuse(*_args: object, **_kwargs: object) -> NoReturn:
    raise Frozen


class FrozenRecord(Record):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        refuse()
