"""The drill: back up, lose the database, restore into a new one, and open a page there."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from clinic import audit
from clinic.audit_chain import seal_waiting
from patients.erasure import close_account, erase_due
from programs.models import Picture

ROOT = Path(__file__).parents[4]
OPEN_THE_CASELOAD = """
import django; django.setup()
from clinic.models import User
from tests.factories.browsers import signed_in
page = signed_in(User.objects.get(email="dana@people.example")).get("/staff/")
print(page.status_code, "Other Patient" in page.content.decode())
"""


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[str]:
    """The address of an empty database of the same kind as this one."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    known = connection.settings_dict
    name = f"{known['NAME']}_drill"
    place = {"host": known["HOST"], "port": known["PORT"] or 5432, "user": known["USER"], "password": known["PASSWORD"]}
    with psycopg.connect(**place, dbname="postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{place['port']}/{name}"
        server.execute(f'DROP DATABASE "{name}"')


@pytest.fixture
def there(elsewhere, tmp_path):
    """Runs Python in a process whose database is the new one."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "DATABASE_URL": elsewhere,
            "ERASURE_REGISTER": str(tmp_path / "erasures.jsonl"),
            "MEDIA_ROOT": str(tmp_path / "media restored"),
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def backed_up(clinic, ana, other_patient, dana, now, tmp_path, settings) -> Path:
    """A backup of a clinic with two patients, both of whom Dana looked at, and one picture."""
    settings.MEDIA_ROOT = tmp_path / "media"
    Picture.objects.create(clinic=clinic, file=ContentFile(b"RIFF", "a.webp"), brought_at=now)
    for patient in (ana, other_patient):
        audit.note("read", patient, clinic=clinic, actor=dana, now=now, patient_id=patient.pk)
    seal_waiting(now=now)
    file = tmp_path / "clinic.tar"
    call_command("backup", str(file))
    return file


pytestmark = pytest.mark.django_db(transaction=True)


def test_the_drill(backed_up, there, ana, dana, now, settings, tmp_path):
    settings.ERASURE_REGISTER = tmp_path / "erasures.jsonl"
    close_account(ana, actor=dana, now=now)
    erase_due(now=now + timedelta(days=9 * 366))  # after the backup was made

    restored = there("manage.py", "restore", backed_up)
    assert restored.returncode == 0, restored.stderr
    assert "Erased again: 1." in restored.stdout
    assert "no register" not in restored.stdout
    assert "The audit is as it was written." in restored.stdout

    page = there("-c", OPEN_THE_CASELOAD)
    assert page.stdout.split() == ["200", "True"], page.stderr
    assert [file.read_bytes() for file in (tmp_path / "media restored").rglob("*.webp")] == [b"RIFF"]
    assert "not empty" in there("manage.py", "restore", backed_up).stderr


def test_a_restore_without_the_register_says_who_may_be_back(backed_up, there, tmp_path):
    restored = there("manage.py", "restore", backed_up)
    assert f"There is no register of erasures at {tmp_path / 'erasures.jsonl'}" in restored.stdout


def test_a_backup_is_for_its_owner_alone_and_holds_what_it_says(backed_up):
    assert backed_up.stat().st_mode & 0o777 == 0o600
    with tarfile.open(backed_up) as tar:
        assert tar.getnames()[0] == "contents.json"
        assert [name.split("/")[0] for name in tar.getnames()[2:]] == ["media"] * 3  # two folders and the picture


def test_a_backup_overwrites_nothing(backed_up):
    before = backed_up.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(backed_up))
    assert backed_up.read_bytes() == before


def test_what_fails_leaves_no_half_backup(clinic, tmp_path, monkeypatch):
    file = tmp_path / "clinic.tar"
    monkeypatch.setattr("clinic.backups._dump", lambda target: target.read_bytes())
    with pytest.raises(OSError):
        call_command("backup", str(file))
    assert not file.exists()


def test_a_file_that_is_no_backup_is_refused(there, tmp_path):
    (tmp_path / "letter.tar").write_text("Dear clinic")
    assert "is not there, or no backup" in there("manage.py", "restore", tmp_path / "letter.tar").stderr


def test_a_file_that_would_write_beside_its_folder_is_refused(backed_up, there, tmp_path):
    (tmp_path / "planted").write_text("not yours")
    with tarfile.open(backed_up, "a") as tar:
        tar.add(tmp_path / "planted", arcname="../../planted elsewhere")
    assert "is no backup of Stepwell" in there("manage.py", "restore", backed_up).stderr
    assert list(tmp_path.parent.glob("planted elsewhere")) == []


def test_a_link_in_a_backup_is_refused(backed_up, there, tmp_path):
    (tmp_path / "link").symlink_to("/etc/hostname")
    with tarfile.open(backed_up, "a") as tar:
        tar.add(tmp_path / "link", arcname="media/link")
    assert "is no backup of Stepwell" in there("manage.py", "restore", backed_up).stderr
