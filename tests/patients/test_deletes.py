"""Every delete the code allows keeps every log (handbook E9, E24): whatever is tried, no session vanishes."""

import pytest
from django.db import transaction
from django.db.models import Model, ProtectedError, RestrictedError
from django.urls import reverse

from patients.models import Decision, ExerciseLog, Program, ProgramItem, Session
from programs.models import Ladder, ProgramTemplate
from programs.models.frozen import Frozen
from tests.architecture.rows import our_models
from tests.factories.programs import a_program
from tests.factories.story import Story

KEPT = (Session, ExerciseLog, Decision)


@pytest.fixture
def story(ana, library, now):
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))
    story.trains(0, "BRG", pain_during=8, note="It hurt.")
    story.night(0)
    return story


def kept() -> dict[str, set[object]]:
    return {model.__name__: set(model._default_manager.values_list("pk", flat=True)) for model in KEPT}


def try_to_delete(row: Model) -> None:
    """A delete is refused, or takes something no log hangs on; either way it is taken back afterwards."""
    try:
        with transaction.atomic():
            row.delete()
    except (ProtectedError, RestrictedError, Frozen, TypeError):
        pass


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_deleting_any_row_of_the_house_the_book_or_the_diary_removes_no_log(model, story):
    before = kept()
    for row in model._default_manager.all():
        with transaction.atomic():
            try_to_delete(row)
            after = kept()
            transaction.set_rollback(True)
        lost = {name: before[name] - after[name] for name in before if before[name] - after[name]}
        assert not lost, f"{model.__name__} {row.pk} took {lost} with it"


@pytest.mark.parametrize("model", [Session, ExerciseLog, Program, ProgramItem])
def test_what_a_log_hangs_on_refuses_to_be_deleted(model, story):
    for row in model.objects.all():
        with pytest.raises((ProtectedError, TypeError)), transaction.atomic():
            row.delete()
    if model in KEPT:
        with pytest.raises(TypeError):
            model.objects.all().delete()


@pytest.mark.parametrize(
    ("model", "name"), [(Ladder, "ladder"), (ProgramTemplate, "programtemplate")], ids=["ladder", "template"]
)
def test_a_trainer_cannot_delete_what_a_program_runs_on(model, name, story, client_of, theo):
    used = model.objects.filter(versions__isnull=False).first()
    assert used is not None
    client_of(theo).post(reverse(f"admin:programs_{name}_delete", args=[used.pk]), {"post": "yes"})

    assert model.objects.filter(pk=used.pk).exists()
    assert Session.objects.count() == 1
