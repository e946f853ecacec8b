"""The first migration of an app makes all its tables in one step."""

import pytest
from django.db import connection
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState
from django.db.models import CASCADE, BigAutoField, ForeignKey

from clinic.at_once import AtOnce


def table(name: str, *, points_at: str) -> CreateModel:
    other = ForeignKey(f"clinic.{points_at}", on_delete=CASCADE, related_name="+")
    return CreateModel(name, fields=[("id", BigAutoField(primary_key=True)), ("other", other)])


@pytest.mark.django_db(transaction=True)
def test_tables_that_point_at_each_other_are_made_and_taken_away_again():
    step = AtOnce([table("Hen", points_at="egg"), table("Egg", points_at="hen")])
    before, after = ProjectState(), ProjectState()
    step.state_forwards("clinic", after)

    def ours() -> set[str]:
        return {"clinic_hen", "clinic_egg"} & set(connection.introspection.table_names())

    with connection.schema_editor() as editor:
        step.database_forwards("clinic", editor, before, after)
    made = ours()
    with connection.schema_editor() as editor:
        step.database_backwards("clinic", editor, after, before)
    assert (made, ours()) == ({"clinic_hen", "clinic_egg"}, set())
