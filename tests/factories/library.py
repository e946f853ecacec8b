"""The shipped library in a clinic, loaded and published."""

import pickle
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.apps import apps
from django.db import models

from clinic.models import AuditEntry, Clinic
from programs.loading import load_library, publish_new
from programs.models import Ladder, ProgramVersion
from tests.factories.people import NOW

_kept: dict[datetime, bytes] = {}  # the rows of a published library, by when it was published


def published_library(clinic: Clinic, now: datetime = NOW) -> dict[str, ProgramVersion]:
    """Code of the template → its published version, for all eight templates.

    Loading and publishing takes longer than most tests: the rows that came of it once are written again for the next.
    """
    if Ladder.objects.exists():  # a second clinic needs rows of its own
        load_library(clinic, actor=None, now=now)
        publish_new(clinic, actor=None, now=now)
    elif now in _kept:
        _write(pickle.loads(_kept[now]), clinic)
    else:
        noted = set(AuditEntry.objects.values_list("pk", flat=True))
        load_library(clinic, actor=None, now=now)
        publish_new(clinic, actor=None, now=now)
        _kept[now] = pickle.dumps([*_rows(), *AuditEntry.objects.exclude(pk__in=noted)])
    versions = ProgramVersion.objects.filter(template__clinic=clinic).select_related("template__clinic")
    return {version.template.code: version for version in versions}


def _rows() -> Iterable[models.Model]:
    """All rows of the book, those that others point to first."""
    for model in apps.get_app_config("programs").get_models():
        yield from model._base_manager.all()


def _write(rows: Iterable[models.Model], clinic: Clinic) -> None:
    for model, of_it in groupby(rows, key=lambda row: type(row)):
        found = list(of_it)
        if model is AuditEntry:
            for row in found:
                row.pk = None  # a number may be taken by what the test did before
        if "clinic" in {field.name for field in model._meta.fields}:
            for row in found:
                row.clinic = clinic  # type: ignore[attr-defined]
        model._base_manager.bulk_create(found)
