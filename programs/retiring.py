"""Ladders and templates out of use, and back in. Whoever exercises by them goes on."""

from datetime import datetime
from typing import TypeVar

from clinic import audit
from clinic.models import User
from programs.models import Ladder, ProgramTemplate

Row = TypeVar("Row", Ladder, ProgramTemplate)


def take_out_of_use(row: Row, *, actor: User | None, now: datetime) -> Row:
    """No draft can be published with this ladder, nobody gets this template any more. Twice is once."""
    return _set(row, "retire", since=None, until=now, actor=actor, now=now)


def bring_back(row: Row, *, actor: User | None, now: datetime) -> Row:
    """As if it had never been retired. Twice is once."""
    return _set(row, "bring_back", since=row.retired_at, until=None, actor=actor, now=now)


def _set(
    row: Row, verb: str, *, since: datetime | None, until: datetime | None, actor: User | None, now: datetime
) -> Row:
    mine = type(row)._default_manager.filter(pk=row.pk)
    if since != until and mine.filter(retired_at=since).update(retired_at=until):
        audit.note(f"{verb}_{row._meta.model_name}", row, clinic=row.clinic_id, actor=actor, now=now)
    row.refresh_from_db()
    return row
