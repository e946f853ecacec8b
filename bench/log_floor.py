"""What a log cannot cost less than: its reads and writes through the ORM, with nothing asked in between."""

from collections.abc import Iterator
from copy import copy
from datetime import date, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction
from uuid6 import uuid7

from clinic.models import AuditEntry
from patients.models import Decision, ExerciseLog, NextDayQuestion, PainReport, Patient, ProgramItem, Session
from patients.program_items import locked_items_of, save_items

R = TypeVar("R", bound=models.Model)


def again(session: Session) -> Iterator[None]:
    """Each step reads what logging `session` reads, and writes its rows once more under other ids and days."""
    logs, decisions = list(session.exercises.all()), list(Decision.objects.filter(session=session))
    reports = list(PainReport.objects.filter(session=session))
    question = NextDayQuestion.objects.get(patient=session.patient_id, local_date=session.local_date)
    entry = AuditEntry.objects.get(object_id=session.pk)
    user = session.patient.user
    assert user is not None
    for number in count(1):
        found = Patient.objects.followed_by(user).with_a_portal().select_related("identity", "clinic").get()
        with transaction.atomic():
            items = locked_items_of(found)
            list(_days_of(items, session.local_date))
            for item in items:
                item.sequence += len(decisions)
                item.last_performed_on, item.state = session.local_date, {**item.state, "again": number}
            saved = _as_new(session, pk=uuid7())
            with transaction.atomic():
                saved.save(force_insert=True)
            ExerciseLog.objects.bulk_create([_as_new(log, pk=uuid7(), session=saved) for log in logs])
            save_items(items)
            Decision.objects.bulk_create([
                _as_new(row, pk=uuid7(), session=saved, sequence=items[0].sequence, digest=uuid7().hex)
                for row in decisions
            ])  # fmt: skip
            PainReport.objects.bulk_create([_as_new(row, pk=uuid7(), session=saved, log=None) for row in reports])
            NextDayQuestion.objects.bulk_create(
                [_as_new(question, pk=uuid7(), local_date=question.local_date + timedelta(days=number))],
                update_conflicts=True,
                unique_fields=["patient", "local_date", "region"],
                update_fields=["opens_at", "closes_at"],
            )
            _as_new(entry, pk=None, object_id=saved.pk).save()
        yield


def _days_of(items: list[ProgramItem], day: date) -> models.QuerySet[ExerciseLog, tuple[UUID, date]]:
    counts = ExerciseLog.objects.filter(session__is_current=True, skipped="", session__local_date__gte=day)
    return counts.filter(item__in=[one.pk for one in items]).values_list("item", "session__local_date")


def _as_new(row: R, **changes: Any) -> R:
    new = copy(row)
    new._state = copy(row._state)
    new._state.adding = True
    for name, value in changes.items():
        setattr(new, name, value)
    return new
