"""Health pages need nobody to sign in; error pages stand alone and show nobody's data."""

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.template.loader import get_template
from django.test import Client

from clinic import views


def test_healthz_answers_without_asking_the_database(client):
    # No database fixture: a query would fail the test.
    assert client.get("/healthz").content == b"ok\n"


def test_readyz_is_ready_when_every_migration_is_applied(client, db):
    assert client.get("/readyz").content == b"ready\n"


def test_readyz_refuses_while_a_migration_is_missing(client, db):
    MigrationRecorder(connection).migration_qs.filter(app="reminders").delete()
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"migrations are missing\n")


def test_readyz_refuses_when_the_database_does_not_answer(client, monkeypatch):
    def broken(connection):
        raise DatabaseError("no answer from host with password")

    monkeypatch.setattr(views, "MigrationExecutor", broken)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"the database does not answer\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_pages_take_no_posts(client, path):
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_stands_alone(name):
    # Rendered without request and without database, as Django does after a crash.
    page = get_template(f"{name}.html").render()
    assert ("<h1>" in page, "style=" in page, "<script" in page) == (True, False, False)


def test_an_unknown_address_gets_our_own_page(client_of, dana):
    response = client_of(dana).get("/nothing-here/")
    assert (response.status_code, b"This page is not here" in response.content) == (404, True)


def test_a_form_without_its_token_gets_our_own_page(db):
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"email": "ana@people.example"})
    assert (response.status_code, b"The form has expired" in response.content) == (403, True)


def test_no_page_is_kept_in_a_cache_and_none_runs_inline_code(client):
    headers = client.get("/healthz").headers
    policy = headers["Content-Security-Policy"]
    assert (headers["Cache-Control"], "unsafe" in policy, "default-src 'none'" in policy) == ("no-store", False, True)
