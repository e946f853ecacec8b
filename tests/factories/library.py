"""The shipped library in a clinic, loaded and published."""

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models

from clinic.models import AuditEntry, Clinic
from programs.loading import load_library, publish_new
from programs.models import Ladder, ProgramVersion
from tests.factories.people import NOW


class Table(NamedTuple):
    """Rows as the database takes them, and the statement that writes them all."""

    insert: str
    names: list[str]
    rows: list[list[Any]]


_kept: dict[object, list[Table]] = {}  # what filling an empty clinic came to


def published_library(clinic: Clinic, now: datetime = NOW) -> dict[str, ProgramVersion]:
    """Code of the template → its published version, for all eight templates."""
    _fill(clinic, now, load_library, publish_new)
    versions = ProgramVersion.objects.filter(template__clinic=clinic).select_related("template__clinic")
    return {version.template.code: version for version in versions}


def loaded_library(clinic: Clinic, now: datetime = NOW) -> None:
    """Ladders and templates as a trainer finds them before anything is published."""
    _fill(clinic, now, load_library)


def _fill(clinic: Clinic, now: datetime, *verbs: Callable[..., object]) -> None:
    """Loading and publishing takes longer than most tests: the rows that came of it once are written again for the
    next. A second clinic gets rows of its own.
    """
    kind = now, verbs, Ladder.objects.values("clinic").distinct().count()
    empty = not Ladder.objects.filter(clinic=clinic).exists()
    if empty and kind in _kept:
        _write(_kept[kind], clinic)
        return
    # Those that others point to first.
    tables: list[type[models.Model]] = [*apps.get_app_config("programs").get_models(), AuditEntry]
    before = {model: list(model._base_manager.values_list("pk", flat=True)) for model in tables}
    for verb in verbs:
        verb(clinic, actor=None, now=now)
    if empty:
        found = [model._base_manager.exclude(pk__in=before[model]) for model in tables]
        _kept[kind] = [_table(rows) for rows in found if rows]


def _table(found: models.QuerySet[Any]) -> Table:
    """Without its numbers: one may be taken by what a test did before."""
    fields = [field for field in found.model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    rows = [
        [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)]
        for row in found.values_list(*[field.attname for field in fields])
    ]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
    insert = f"INSERT INTO {found.model._meta.db_table} ({columns}) VALUES {places}"
    return Table(insert, [field.attname for field in fields], rows)


def _write(tables: list[Table], clinic: Clinic) -> None:
    here = Clinic._meta.pk.get_db_prep_save(clinic.pk, connection)
    with connection.cursor() as cursor:
        for insert, names, rows in tables:
            if "clinic_id" in names:
                at = names.index("clinic_id")
                for row in rows:
                    row[at] = here
            cursor.execute(insert, list(chain.from_iterable(rows)))
