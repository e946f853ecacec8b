"""The processes of one machine for a test: a private Redis, workers, timetable and web over the test's database."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import redis
from celery import Celery
from django.conf import settings
from django.db import connection

from clinic import broker
from clinic.management.commands.up import broker_command

ROOT = Path(__file__).parents[2]
RAISE_FLAGS = "patients.tasks.raise_flags"


def wait_for(condition: Callable[[], object], *, seconds: float = 20) -> float:
    """How long it took until `condition` was true. A test that waits longer than that has failed."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"Not within {seconds:g} s.")
        time.sleep(0.05)
    return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """The test's own database, as a child process is told of it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    user, password = quote(given["USER"] or "", safe=""), quote(given["PASSWORD"] or "", safe="")
    host = f"{given['HOST'] or 'localhost'}:{given['PORT'] or 5432}"
    return f"postgres://{user}{':' if password else ''}{password}@{host}/{given['NAME']}"


class Machine:
    """Starts processes in the local mode, and ends exactly those. All they write is under `var`."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.running: list[subprocess.Popen[bytes]] = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "clinic.settings.local",
            "STEPWELL_VAR": str(var),
            "DATABASE_URL": database_url(),
            "REDIS_URL": broker.address(var),
            "SECRET_KEY": settings.SECRET_KEY,  # who is signed in by the test is signed in there
            "LOG_LEVEL": "WARNING",
        }
        (var / "run").mkdir(parents=True, exist_ok=True)

    def start(self, name: str, *command: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own, its words in `<name>.log`."""
        with (self.var / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment | more, stdout=log, stderr=log, start_new_session=True
            )
        self.running.append(process)
        return process

    def python(self, name: str, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        return self.start(name, sys.executable, *arguments, **more)

    def start_redis(self) -> subprocess.Popen[bytes]:
        process = self.start("redis", *broker_command(self.var))
        wait_for(self.redis_answers)
        return process

    def start_worker(self, *, app: str = "clinic", **more: str) -> subprocess.Popen[bytes]:
        """A worker that is ready for work. `app` may name one that halts in the middle of it."""
        celery = ["-W", "ignore::UserWarning", "-m", "celery", "--quiet", "--app", app]
        before = self.listeners()
        process = self.python(
            "worker",
            *[*celery, "worker", "--concurrency", "1", "--loglevel", "WARNING"],
            *["--hostname", f"{uuid4().hex}@faults", "--without-gossip", "--without-mingle"],
            **more,
        )
        wait_for(lambda: self.listeners() > before or process.poll() is not None, seconds=40)
        assert process.poll() is None, (self.var / "worker.log").read_text()[-2000:]
        return process

    def start_timetable(self) -> subprocess.Popen[bytes]:
        celery = ["-W", "ignore::UserWarning", "-m", "celery", "--quiet", "--app", "clinic"]
        return self.python("timetable", *celery, "beat", "--loglevel", "WARNING", "--pidfile=")

    def start_web(self, port: int) -> subprocess.Popen[bytes]:
        web = ["-m", "gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
        return self.python("web", *web, "--no-control-socket", "--log-level", "warning")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 of a process and all its children: nobody gets to tidy up."""
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        self.running.remove(process)

    def stop_all(self) -> None:
        """The end of the test. The rows are what counts, so nobody is asked to tidy up."""
        for process in list(self.running):
            self.kill(process)

    # What runs on the private Redis

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(broker.socket_path(self.var)), socket_timeout=5)

    def redis_answers(self) -> bool:
        try:
            with self.redis() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def listeners(self) -> int:
        """How many workers wait at the queue."""
        with self.redis() as client:
            return sum(row["cmd"] == "brpop" for row in client.client_list())

    def flush(self) -> None:
        with self.redis() as client:
            client.flushall()

    def ring(self, task: str = RAISE_FLAGS) -> None:
        """What the doorbell sends after a commit, and the timetable every fifteen seconds."""
        with Celery("bell", broker=settings_broker(self.environment["REDIS_URL"]), set_as_current=False) as bell:
            bell.send_task(task, ignore_result=True)


def settings_broker(address: str) -> str:
    return address.replace("unix://", "redis+socket://", 1)
