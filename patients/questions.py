"""The question of the next day: when it opens and closes (handbook E15)."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from clinic.zones import instant
from patients.court import Court
from patients.models import NextDayQuestion, Session

OPENS_AFTER, NERVE_OPENS_AFTER = timedelta(hours=12), timedelta(hours=18)
NOT_BEFORE, STAYS_OPEN = time(5, 0), timedelta(hours=48)


def opens_at(court: Court, session: Session, regions: Collection[str]) -> dict[str, datetime]:
    """When the question about the day of `session` opens, region by region, after all bouts of the day so far."""
    tomorrow = instant(session.local_date + timedelta(days=1), NOT_BEFORE, session.zone)
    opens = dict.fromkeys(regions, tomorrow)
    for item in court.items:
        wait = NERVE_OPENS_AFTER if item.ladder_version.kind == "nerve" else OPENS_AFTER
        for log in court.logs[item.pk, session.local_date]:
            if item.region in opens:
                opens[item.region] = max(opens[item.region], log.session.performed_at + wait)
    return opens


def ask_tomorrow(court: Court, session: Session, regions: Collection[str]) -> None:
    """Put tomorrow's question: one a patient, day and region; a later bout moves it on, never back (handbook E15)."""
    if not regions:
        return
    NextDayQuestion.objects.bulk_create(
        [
            NextDayQuestion(
                patient=session.patient,
                program=court.program,
                region=region,
                local_date=session.local_date,
                opens_at=at,
                closes_at=at + STAYS_OPEN,
            )
            for region, at in opens_at(court, session, regions).items()
        ],
        update_conflicts=True,
        unique_fields=["patient", "local_date", "region"],
        update_fields=["opens_at", "closes_at"],
    )
