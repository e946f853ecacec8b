"""Nothing anybody typed is where it does not belong: logs, reports of faults, Redis, addresses, heads of mails, traces.

One marked life is told (marked_life.py), and then the marks are looked for everywhere.
"""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from unittest import mock
from urllib.parse import unquote_plus
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection, transaction
from django.test import TestCase, override_settings
from django.utils.log import AdminEmailHandler

from clinic.celery import app
from clinic.settings import base
from tests.architecture.marked_life import MARKS, Life
from tests.clinic.test_faults import formatter_of_production
from tests.factories import people

pytestmark = pytest.mark.django_db

# The tables that are there to hold what people say. Every other one holds ids, codes and times.
PERSONAL = {
    "clinic_user",
    "patients_decision",
    "patients_episode",
    "patients_exerciselog",
    "patients_flagevent",
    "patients_identity",
    "patients_painflag",
    "patients_painreport",
    "patients_patientmessage",
    "patients_program",
    "patients_programevent",
    "patients_programitem",
    "patients_proxy",
    "patients_session",
    "patients_trialrequest",
}


@dataclass(frozen=True)
class Told:
    """What is left of the life: everything as text."""

    log: str
    reports: list[str]  # of the faults, as Django would mail them
    requests: list[tuple[str, str]]  # address with its query, and where the answer sent the browser
    pages: list[str]
    mails: list[Any]
    sessions: list[str]
    tables: dict[str, str]
    redis: dict[str, str] | None
    calendar_secret: str


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """Told once for all tests of this file, and never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield tell()
        transaction.set_rollback(True)


def tell() -> Told:
    clinic = people.make_clinic("Riverside Physio", trial_open=True, privacy_notice="What we keep.")
    life = Life(clinic, people.make_member(clinic, "Qzxwvkdana Reed", "therapist", "owner", licensed=True))
    mail.outbox = []
    with written_log() as (log, faults), a_redis() as found, TestCase.captureOnCommitCallbacks(execute=True):
        life.told()
    return Told(
        log=log.getvalue(),
        reports=[text for record in faults for text in mailed_report(record)],
        requests=[(asked(answer), answer.headers.get("Location", "")) for answer in life.answers],
        pages=[answer.content.decode() for answer in life.answers if answer["Content-Type"].startswith("text/html")],
        mails=list(mail.outbox),
        sessions=[repr(session.get_decoded()) for session in Session.objects.all()],
        tables={table: text_of(table) for table in connection.introspection.table_names()},
        redis=found,
        calendar_secret=life.calendar_secret,
    )


def asked(answer: Any) -> str:
    return f"{answer.request['PATH_INFO']}?{answer.request.get('QUERY_STRING', '')}"


def text_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return repr(cursor.fetchall())


@contextmanager
def written_log() -> Iterator[tuple[io.StringIO, list[logging.LogRecord]]]:
    """What production writes, at the level of DEBUG, and the records that told of a fault."""
    written = io.StringIO()
    faults: list[logging.LogRecord] = []
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter_of_production())

    def keep(record: logging.LogRecord) -> bool:
        if record.exc_info:
            faults.append(record)
        return True

    handler.addFilter(keep)
    loggers = [logging.getLogger(name) for name in ("", "django", "celery", "clinic", "patients", "reminders")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    for logger in loggers[:2]:  # the others hand theirs on to the first
        logger.addHandler(handler)
    try:
        yield written, faults
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
            logger.removeHandler(handler)


def mailed_report(record: logging.LogRecord) -> Iterator[str]:
    """The mail Django's own handler would send about a fault: not switched on, but somebody may."""
    before = len(mail.outbox)
    with override_settings(ADMINS=[("Admin", "admin@clinic.example")]):
        AdminEmailHandler(include_html=True).emit(record)
    for one in mail.outbox[before:]:
        yield from (one.subject, str(one.body), *(str(content) for content, _kind in one.alternatives))
    del mail.outbox[before:]


@contextmanager
def a_redis() -> Iterator[dict[str, str]]:
    """Redis as cache and broker where it answers: afterwards every key and value in it, without those made here."""
    found: dict[str, str] = {}
    server = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1)
    try:
        server.ping()
    except redis.RedisError:
        yield found
        return
    mine = f"marks-{uuid4().hex}"
    cache = base.redis_cache(settings.REDIS_URL) | {"KEY_PREFIX": mine}

    def send(name: str) -> None:
        app.send_task(name, expires=60, retry=False, ignore_result=True, queue=mine)

    try:
        with (
            override_settings(CACHES={"default": cache}, DOORBELL=True),
            mock.patch("clinic.doorbell.doorbell.ring", send),
        ):
            yield found
        read = {"string": server.get, "list": lambda key: server.lrange(key, 0, -1), "set": server.smembers}
        for key in server.scan_iter("*"):
            kind = server.type(key).decode()
            found[repr(key)] = repr(read[kind](key)) if kind in read else kind
    finally:
        for key in server.scan_iter(f"*{mine}*"):
            server.delete(key)


def marked(texts: list[str]) -> list[str]:
    """The places of a mark, with what stands around it."""
    return [text[max(0, hit.start() - 60) : hit.end() + 20] for text in texts for hit in MARKS.finditer(text)]


def test_the_life_was_told(told):
    """It does not pass by saying nothing: pages and mails hold the marks, and all three faults are on record."""
    assert len(marked(told.pages)) > 50
    assert len([one for one in told.mails if MARKS.search(one.to[0])]) >= 3
    assert len(told.reports) >= 9


def test_no_log_line_holds_it(told):
    assert "Internal Server Error" in told.log and "raise_flags" in told.log
    assert marked([told.log]) == []


def test_no_report_of_a_fault_holds_it(told):
    assert marked(told.reports) == []
    assert any("marked_life.Broken" in text and "patients/portal/messages.py" in text for text in told.reports)


def test_no_address_holds_it(told):
    """Neither those that were asked for, nor where somebody was sent, nor a link of a page. One-time links aside."""
    links = [link for page in told.pages for link in links_of(page)]
    addresses = [unquote_plus(text) for pair in told.requests for text in pair] + list(map(unquote_plus, links))
    assert [text for text in addresses if MARKS.search(text) and "one-time" not in text] == []


def links_of(page: str) -> list[str]:
    found = re.findall(r'(?:href|action|src|hx-[a-z]+)="([^"]*)"', page)
    return [link for link in found if not link.startswith(("tel:", "mailto:"))]


def test_no_head_of_a_mail_holds_it(told):
    """Subject, sender, ids, the way out of a list: all but the address it goes to, which stands without a name."""
    heads = {(name, str(value)) for one in told.mails for name, value in one.message().items()}
    assert {name for name, _value in heads} >= {"Subject", "From", "To", "Message-ID", "List-Unsubscribe"}
    assert [head for head in heads if head[0] != "To" and MARKS.search(head[1])] == []
    assert {parseaddr(value)[0] for name, value in heads if name == "To"} == {""}


def test_no_session_holds_it(told):
    assert len(told.sessions) >= 2
    assert marked(told.sessions) == []


def test_nothing_in_redis_holds_it(told):
    if not told.redis:
        pytest.skip("no Redis here")
    assert any("raise_flags" in value for value in told.redis.values())
    assert any("sessions" in key for key in told.redis)
    assert marked([f"{key} {value}" for key, value in told.redis.items()]) == []


def test_the_secret_of_a_calendar_is_on_the_page_that_made_it_and_nowhere_else(told):
    assert sum(told.calendar_secret in page for page in told.pages) == 1
    kept = [told.log, *told.reports, *told.sessions, *told.tables.values(), *map(str, (told.redis or {}).items())]
    mails = [str(one.message()) for one in told.mails]
    assert [text for text in kept + mails if told.calendar_secret in text] == []


def test_only_the_tables_of_the_record_hold_it(told):
    """Not the audit, not the outbox with its errors, not the counts of tries, not the links and codes."""
    assert {table for table, text in told.tables.items() if MARKS.search(text)} == PERSONAL
