"""manage.py start, which bin/up runs: one process prepares everything and then becomes the supervisor."""

import pytest
from django.core.management import CommandError, call_command

from reminders.management.commands import start


@pytest.fixture
def local(settings) -> None:
    settings.LOCAL_MODE = True


@pytest.fixture
def called(monkeypatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(start, "call_command", lambda name, **options: names.append(name))
    return names


def test_the_database_and_the_demo_clinic_come_before_the_first_process(local, called):
    call_command(start.Command())
    assert called == ["migrate", "seed_demo_clinic", "up"]


def test_ctrl_c_while_it_prepares_says_so_and_starts_nothing(local, monkeypatch):
    def interrupted(name: str, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "call_command", interrupted)
    with pytest.raises(CommandError, match="before anything was started"):
        call_command(start.Command())


def test_a_server_is_not_prepared_by_it(called):
    with pytest.raises(CommandError, match="local mode"):
        call_command(start.Command())
    assert called == []
