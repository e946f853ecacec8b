"""bin/up: one supervisor, a clean stop, and nothing left behind after a kill -9."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic import broker
from clinic.management.commands import up
from clinic.management.commands.up import PidFile, started_at

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[2]


@pytest.fixture
def sleeper():
    """A process that would sleep for a minute, in its own group as the supervised ones are."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def left_behind(path: Path, supervisor: int, children: dict[int, str]) -> PidFile:
    path.write_text(json.dumps({"supervisor": supervisor, "started": {str(pid): at for pid, at in children.items()}}))
    return PidFile(path)


def test_what_a_killed_supervisor_left_is_stopped(tmp_path, sleeper):
    pids = left_behind(tmp_path / "up.json", supervisor=1, children={sleeper.pid: started_at(sleeper.pid)})
    pids.stop_what_a_killed_supervisor_left()
    assert (sleeper.wait(timeout=5), pids.path.exists()) == (-signal.SIGTERM, False)


def test_a_process_that_merely_got_the_same_number_is_left_alone(tmp_path, sleeper):
    pids = left_behind(tmp_path / "up.json", supervisor=1, children={sleeper.pid: "another birth"})
    pids.stop_what_a_killed_supervisor_left()
    assert (sleeper.poll(), pids.path.exists()) == (None, False)


def test_a_second_start_from_the_same_folder_is_refused(tmp_path, sleeper):
    pids = left_behind(tmp_path / "up.json", sleeper.pid, {sleeper.pid: started_at(sleeper.pid)})
    with pytest.raises(CommandError, match="already runs"):
        pids.stop_what_a_killed_supervisor_left()
    assert sleeper.poll() is None


def test_a_torn_pid_file_does_not_stop_the_start(tmp_path):
    (tmp_path / "up.json").write_text('{"superv')
    PidFile(tmp_path / "up.json").stop_what_a_killed_supervisor_left()
    assert started_at(os.getpid()) != ""


def test_a_process_that_is_gone_has_no_birth(sleeper):
    sleeper.kill()
    sleeper.wait()
    assert started_at(sleeper.pid) == ""


def test_up_belongs_to_the_local_mode():
    with pytest.raises(CommandError, match="local mode"):
        call_command("up")


def test_a_running_redis_is_used_instead_of_an_own_one(monkeypatch, tmp_path):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/15")
    assert sorted(up.processes(tmp_path)) == ["timetable", "web", "worker"]


def test_the_wheel_brings_a_redis_server_where_none_is_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    server = up.broker_command(tmp_path)[0]
    assert (Path(server).name, os.access(server, os.X_OK)) == ("valkey-server", True)


def test_without_any_redis_server_it_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(up, "bundled_server", None)
    with pytest.raises(CommandError, match="apt install redis-server"):
        up.broker_command(tmp_path)


def test_the_socket_is_short_enough_for_the_kernel_in_a_deep_folder(tmp_path):
    deep = tmp_path / ("folder" * 30)
    assert (len(str(broker.socket_path(deep))) <= 100, broker.socket_path(deep) == broker.socket_path(deep)) == (
        True,
        True,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="looks for orphans in /proc")
def test_it_answers_and_ctrl_c_leaves_no_process_behind(tmp_path):
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "clinic.settings.local",
        "STEPWELL_VAR": str(tmp_path),
        "PORT": str(port),
    }

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as page:
                return page.read() == b"ready\n"
        except OSError:  # nobody there yet, or too busy to answer in time
            return False

    def alive() -> list[str]:
        """What runs with this test's folder in its environment."""
        mark = f"STEPWELL_VAR={tmp_path}".encode()
        return [entry.name for entry in Path("/proc").glob("[0-9]*") if mark in environment_of(entry)]

    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        up_in_time = wait_for(answers, 30)
        running = len(alive())
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    finally:
        if process.poll() is None:  # it did not stop, and what it started would live on
            process.kill()
            for left in alive():
                os.kill(int(left), signal.SIGKILL)
    assert (up_in_time, running >= 5, wait_for(lambda: not alive(), 10)) == (True, True, True)


def environment_of(process: Path) -> bytes:
    try:
        # A process that has ended and only waits to be counted has an empty one.
        return (process / "environ").read_bytes()
    except OSError:
        return b""
