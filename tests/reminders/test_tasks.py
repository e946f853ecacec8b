"""The ticks: each may run twice, and leaves a heartbeat."""

from io import StringIO

import pytest
from django.core.management import call_command

from clinic.models import Heartbeat
from reminders import tasks


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("task", "beats"),
    [
        (tasks.plan_messages, {"plan_messages"}),
        (tasks.plan_alerts, {"plan_alerts", "send_messages"}),
        (tasks.send_messages, {"send_messages"}),
        (tasks.send_codes, {"send_messages"}),
    ],
)
def test_a_tick_runs_twice_and_leaves_a_heartbeat(task, beats):
    task()
    task()

    assert set(Heartbeat.objects.values_list("name", flat=True)) == beats


@pytest.mark.django_db
def test_without_a_broker_one_round_does_the_same():
    call_command("run_reminders", once=True, stdout=StringIO())

    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"plan_messages", "plan_alerts", "send_messages"}
