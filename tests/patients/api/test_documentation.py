"""The API described: a schema without a warning, answers that keep to it, and a page that asks nobody outside."""

import json
from contextlib import contextmanager

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from clinic import device_tokens

PATIENTS = ("sessions", "today", "questions", "pain-reports")
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


def test_the_schema_has_no_warning_and_is_valid(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", file=str(tmp_path / "schema.yaml"))


@pytest.mark.parametrize("person", [None, "ana", "dana"])
def test_the_schema_is_for_who_is_signed_in(person, api, device, request, db):
    asking = device(request.getfixturevalue(person)) if person else api()
    assert asking.get("schema").status_code == (200 if person else 401)


@contextmanager
def one_connection():
    """A request made past Django's test client would close the connection under the test's own transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_every_answer_keeps_to_the_schema(api, ana, dana, pain_flag, now):
    """Few made-up requests to every operation: nothing fails, and each answer has the documented shape."""
    tokens = {who: device_tokens.issue(who, name="phone", now=now)[1] for who in (ana.user, dana)}
    described = json.loads(api(dana).get("schema").content)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = get_wsgi_application()
    tried = 0
    with one_connection():
        for found in schema.get_all_operations():
            operation = found.ok()  # type: ignore[union-attr]  # it would raise for a broken one
            who = ana.user if operation.path.split("/")[3] in PATIENTS else dana
            try_out(operation, tokens[who], pain_flag.pk)
            tried += 1
    assert tried == sum(len(methods) for methods in described["paths"].values())


def try_out(operation, token, flag):
    @given(case=operation.as_strategy())
    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case):
        if operation.path.startswith("/api/v1/flags/{"):
            case.path_parameters = {"id": str(flag)}
        case.headers.pop("X-Clinic", None)
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=CHECKS)

    run()


def test_the_page_loads_nothing_from_outside_and_nothing_inline(client_of, dana):
    page = client_of(dana).get("/api/v1/docs/")
    text = page.content.decode()
    assert (page.status_code, "http://" in text, "https://" in text, "<style" in text) == (200, False, False, False)
    assert text.count("<script") == text.count("<script src=") == 3
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_the_script_of_the_page_comes_apart(client_of, dana):
    script = client_of(dana).get("/api/v1/docs/?script=")
    assert (script.status_code, script.headers["Content-Type"]) == (200, "application/javascript")
    assert b"/api/v1/schema/" in script.content


def test_a_stranger_is_shown_the_way_to_the_docs(client, db):
    assert client.get("/api/v1/docs/").headers["Location"] == "/sign-in/?next=/api/v1/docs/"
