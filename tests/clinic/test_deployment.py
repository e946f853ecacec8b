"""What the deployment files name exists, and production refuses to start on what is unsafe or missing."""

import importlib.util
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from celery.bin.celery import celery as celery_command
from django.core.management import get_commands
from gunicorn.config import Config

from clinic.env import BadSetting
from clinic.management.commands import up
from clinic.settings import base

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "stepwell"}
SECRET = "a3F9-kd72Lq0vXz8-Wm41Tn6Rb5Yc-Hj2Gs7Pe9Du0Ki3Oa8Nf"
ANSWERS = {"SECRET_KEY": SECRET, "POSTGRES_PASSWORD": "4f2a9c"}


def example() -> dict[str, str]:
    """The variables of .env.example, with its two secrets filled in."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: ANSWERS.get(name, value) for name, value in pairs}


def filled(text: str, values: dict[str, str]) -> str:
    """`text` with ${NAME}, ${NAME:-default} and ${NAME:?message} replaced as compose does."""

    def value(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        if values.get(name):
            return values[name]
        assert operator != ":?", f"{name} is required and .env.example leaves it empty"
        return rest or ""

    return re.sub(r"\$\{(\w+)(?:(:-|:\?)([^}]*))?\}", value, text)


def production() -> dict[str, str]:
    """The environment that docker-compose.yml hands to the web process."""
    return {name: filled(value, example()) for name, value in COMPOSE["services"]["web"]["environment"].items()}


def settings_with(monkeypatch, **changes: str | None) -> dict:
    """Run the production settings in the compose environment with `changes`; None leaves a variable out."""
    known = {"SECRET_KEY", "DEBUG", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL", "ALLOWED_HOSTS"}
    for name in known | set(production()):
        monkeypatch.delenv(name, raising=False)
    for name, value in (production() | changes).items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return runpy.run_module("clinic.settings.production")


def test_production_starts_in_the_environment_of_the_compose_file(monkeypatch):
    settings = settings_with(monkeypatch)
    assert (settings["DEBUG"], settings["LOCAL_MODE"], settings["EMAIL_HOST"]) == (False, False, "mail")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 60),
        ("SECRET_KEY", "django-insecure-4f2a9c4f2a9c4f2a9c4f2a9c4f2a9c4f2a9c4f2a9c"),
        ("DEBUG", "on"),
        ("DATABASE_URL", None),
        ("DATABASE_URL", "sqlite:///stepwell.sqlite3"),
        ("REDIS_URL", None),
        ("EMAIL_URL", None),
        ("DEFAULT_FROM_EMAIL", None),
        ("ALLOWED_HOSTS", None),
        ("ALLOWED_HOSTS", "*"),
        ("SITE_URL", None),
        ("SITE_URL", "http://clinic.example"),
        ("BEHIND_PROXY", "perhaps"),
    ],
)
def test_production_refuses_to_start_and_names_the_variable(monkeypatch, name, value):
    with pytest.raises(BadSetting) as refusal:
        settings_with(monkeypatch, **{name: value})
    assert refusal.value.name == name


def test_djangos_own_deployment_check_finds_nothing():
    ran = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "clinic.settings.production"} | production(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_every_variable_of_the_compose_file_is_in_the_example_and_the_other_way_round():
    named = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert named == set(example())


def test_every_variable_handed_to_the_processes_is_read_by_the_settings():
    code = "".join(path.read_text() for path in (ROOT / "clinic" / "settings").glob("*.py"))
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code))
    assert set(production()) - read == set()


def test_no_secret_has_a_default():
    defaults = re.findall(r"\$\{(\w*(?:SECRET|PASSWORD)\w*):-", (ROOT / "docker-compose.yml").read_text())
    assert defaults == []


def assert_runs(command: list[str]) -> None:
    """The command exists and understands its arguments; nothing is started."""
    program, *arguments = command
    if program == "gunicorn":
        parsed = Config().parser().parse_args(arguments)
        assert parsed.args == ["clinic.wsgi"]
    elif program == "celery":
        # The parsers only: the options' own callbacks would load the app in production settings.
        context = click.Context(celery_command)
        options, (name, *rest), _ = celery_command.make_parser(context).parse_args(arguments)
        subcommand = celery_command.commands[name]
        _, extra, _ = subcommand.make_parser(click.Context(subcommand)).parse_args(rest)
        assert (options["app"], extra) == ("clinic", [])
    elif arguments[:1] == ["manage.py"]:
        assert arguments[1] in get_commands()
    elif arguments[:1] == ["-m"]:
        assert importlib.util.find_spec(arguments[1])
    else:
        raise AssertionError(f"nobody knows the command {command}")


@pytest.mark.parametrize("name", sorted(n for n in OURS if "command" in OURS[n]))
def test_every_command_of_the_compose_file_runs(name):
    assert_runs(OURS[name]["command"])


def test_the_command_of_the_image_runs():
    [command] = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert_runs(json.loads(command))


@pytest.mark.parametrize("name", ["web", "worker", "timetable"])
def test_every_command_of_the_local_supervisor_runs(name, tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/15")
    command = up.processes(tmp_path)[name]
    assert_runs(command[command.index("-m") + 1 :])


def test_every_page_asked_by_a_health_check_answers(client, db):
    text = (ROOT / "docker-compose.yml").read_text() + DOCKERFILE
    paths = sorted(set(re.findall(r'"clinic\.ask", "(/\w+)"', text)))
    assert {path: client.get(path).status_code for path in paths} == {"/healthz": 200, "/readyz": 200}


def test_every_service_that_stays_up_has_a_health_check_and_a_restart_policy():
    lacking = [
        name
        for name, service in COMPOSE["services"].items()
        if name != "migrate" and not (service.get("restart") == "unless-stopped" and service["healthcheck"].get("test"))
    ]
    assert lacking == []


def test_every_volume_that_is_used_is_declared():
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_pictures_are_kept_on_a_volume_that_the_web_may_write():
    [home] = re.findall(r"STEPWELL_VAR=(\S+)", DOCKERFILE)
    kept = f"{home}/{base.MEDIA_ROOT.relative_to(base.VAR)}"
    mounted = [volume.split(":")[1] for volume in COMPOSE["services"]["web"]["volumes"]]
    assert (mounted, f"--owner stepwell {kept}" in DOCKERFILE) == ([kept], True)


def test_the_worker_is_given_longer_to_stop_than_it_takes(settings):
    grace = int(COMPOSE["services"]["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT


def test_the_image_copies_every_folder_the_program_needs():
    copied = set(re.findall(r"^COPY (\w+) \w+$", DOCKERFILE, re.MULTILINE))
    assert {"clinic", "programs", "patients", "reminders", "templates"} <= copied


def test_ports_are_open_on_this_machine_only():
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
