"""Loading the library into a clinic."""

from clinic.models import AuditEntry
from programs.loading import load_library
from programs.models import Gate, Ladder, LadderVersion, Level, LevelVersion, ProgramTemplate, ProgramVersion
from tests.factories.library import published_library


def counts() -> dict[str, int]:
    models = (Gate, Ladder, Level, ProgramTemplate, ProgramVersion, LadderVersion, LevelVersion, AuditEntry)
    return {model.__name__: model.objects.count() for model in models}


def test_the_shipped_library_is_whole(clinic, now):
    loaded = load_library(clinic, actor=None, now=now)

    assert (loaded.gates, loaded.ladders, loaded.levels, loaded.templates, loaded.kept) == (8, 14, 52, 8, [])


def test_a_second_load_changes_nothing(clinic, theo, now):
    load_library(clinic, actor=theo, now=now)
    before = counts()

    loaded = load_library(clinic, actor=theo, now=now)

    assert counts() == before
    assert (loaded.changed, loaded.kept) == (False, [])


def test_all_eight_templates_can_be_published_quickly(clinic, now, django_assert_max_num_queries):
    with django_assert_max_num_queries(250):
        versions = published_library(clinic, now)

    assert len(versions) == 8
