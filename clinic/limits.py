"""How often a thing may be tried. Counted before any costly work, and in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from clinic.models import Spent

LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries by one subject within a time. No limit looks back further than LONGEST."""

    name: str
    most: int
    within: timedelta


def spend(limit: Limit, subject: str, *, now: datetime) -> bool:
    """Count one try of `subject` (an address, a visitor); False if there were too many.

    Written first and counted after: two tries at once cannot both be the last one allowed. A refused try is
    taken back, so that refusals neither fill the table nor make the wait longer. The subject is kept as a digest.
    """
    key = salted_hmac("clinic.limits", f"{limit.name}:{subject}", algorithm="sha256").hexdigest()
    Spent.objects.filter(at__lt=now - LONGEST).delete()
    mine = Spent.objects.create(key=key, at=now)
    if Spent.objects.filter(key=key, at__gt=now - limit.within).count() <= limit.most:
        return True
    mine.delete()
    return False
