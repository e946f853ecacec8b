"""Backup and restore: one file that holds the database, what media there is, and a list of what to expect of it.

The file is a tar: `contents.json` first, then the database (`database.dump` of pg_dump's custom format, or
`database.sqlite3`), then the files under MEDIA_ROOT.
"""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from clinic.audit_chain import Head, heads
from clinic.refusals import Refused

CONTENTS, MEDIA = "contents.json", "media"
DUMPS = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself: when it was made, of which database, and the audit's heads at that moment."""

    made_at: datetime
    vendor: str
    heads: list[Head]

    def as_json(self) -> bytes:
        known = [str(head) for head in self.heads]
        values = {"made_at": self.made_at.isoformat(), "vendor": self.vendor, "heads": known}
        return json.dumps(values, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Contents":
        values = json.loads(text)
        known = [Head.read(head) for head in values["heads"]]
        return cls(datetime.fromisoformat(values["made_at"]), values["vendor"], known)


def backup(target: Path, *, now: datetime) -> Contents:
    """Write a backup to `target`, readable by its owner only. Raises Refused: the file is there, pg_dump failed."""
    # Heads first: what is written while the dump runs only adds to them.
    contents = Contents(now, connection.vendor, heads())
    with _new_file(target) as file, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / DUMPS[connection.vendor]
        _dump(dump)
        with tarfile.open(fileobj=file, mode="w") as tar:
            _add(tar, CONTENTS, contents.as_json())
            tar.add(dump, arcname=dump.name)
            if settings.MEDIA_ROOT and Path(settings.MEDIA_ROOT).is_dir():
                tar.add(settings.MEDIA_ROOT, arcname=MEDIA)
    return contents


def restore(source: Path) -> Contents:
    """Fill the empty database of this process from a backup. Migrations, audit and erasures are the caller's.

    Raises Refused: the database is not empty, the file is no backup, or one of another kind of database.
    """
    if connection.introspection.table_names():
        raise Refused(_("This database is not empty. Restore into a new one, and change DATABASE_URL to it."))
    with _opened(source) as tar, tempfile.TemporaryDirectory() as folder:
        _extract(tar, Path(folder))
        contents = Contents.from_json((Path(folder) / CONTENTS).read_bytes())
        if contents.vendor != connection.vendor:
            text = _("This is a backup of %(theirs)s, and the database here is %(ours)s.")
            raise Refused(text % {"theirs": contents.vendor, "ours": connection.vendor})
        _load(Path(folder) / DUMPS[contents.vendor])
        media = Path(folder) / MEDIA
        if media.is_dir():
            shutil.copytree(media, settings.MEDIA_ROOT, dirs_exist_ok=True)
    return contents


@contextmanager
def _new_file(target: Path) -> Iterator[Any]:
    """A new file that only its owner reads; nothing of it stays if the work fails."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(_("%(file)s is there already. Nothing was written.") % {"file": target}) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        target.unlink()
        raise


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    if not (source.is_file() and tarfile.is_tarfile(source)):
        raise Refused(_("%(file)s is not there, or no backup.") % {"file": source})
    with tarfile.open(source) as tar:
        if CONTENTS not in tar.getnames():
            raise Refused(_("%(file)s is no backup of Stepwell.") % {"file": source})
        yield tar


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Files beneath `folder` only. Python filters members itself from 3.11.4 on, which Debian 12 does not have."""
    for member in tar:
        beneath = (folder / member.name).resolve().is_relative_to(folder.resolve())
        if not beneath or not (member.isfile() or member.isdir()):
            raise Refused(_("%(file)s is no backup of Stepwell.") % {"file": tar.name})
        tar.extract(member, folder)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


def _dump(target: Path) -> None:
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    else:
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)


def _load(dump: Path) -> None:
    if connection.vendor == "postgresql":
        name = str(connection.settings_dict["NAME"])
        _run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", f"--dbname={name}", str(dump))
    else:
        connection.ensure_connection()
        with closing(sqlite3.connect(dump)) as copy:
            copy.backup(connection.connection)


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's on the database of this process. Its password stands in no list of processes."""
    known = connection.settings_dict
    place = {
        "PGHOST": known["HOST"],
        "PGPORT": known["PORT"],
        "PGUSER": known["USER"],
        "PGPASSWORD": known["PASSWORD"],
        "PGDATABASE": known["NAME"],
        "PGSSLMODE": known.get("OPTIONS", {}).get("sslmode", ""),
    }
    environment = os.environ | {name: str(value) for name, value in place.items() if value}
    try:
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        text = _("%(program)s is not installed here: it comes with PostgreSQL’s client.")
        raise Refused(text % {"program": program}) from None
    if done.returncode:
        raise Refused(_("%(program)s failed: %(why)s") % {"program": program, "why": done.stderr.strip()})
