"""Of a fault its place is written down, and nothing anybody typed."""

import logging
import logging.config
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve

from clinic.faults import Report
from clinic.settings import base


def typed(text: str) -> int:
    try:
        return int(text)
    except ValueError as fault:
        raise KeyError(text) from fault


@pytest.fixture
def fault():
    with pytest.raises(KeyError) as caught:
        typed("Ana Silva")
    return caught.value


def formatter_of_production() -> logging.Formatter:
    formatters: Any = base.LOGGING["formatters"]
    return logging.config.DictConfigurator({}).configure_formatter(dict(formatters["line"]))  # type: ignore[no-any-return]


@pytest.fixture
def line():
    """What production writes of one call of a logger."""
    formatter = formatter_of_production()

    def written(name: str, message: str, *args: object, fault: BaseException, **extra: object) -> str:
        logger = logging.getLogger(name)
        record = logger.makeRecord(name, 40, "x.py", 1, message, args, (type(fault), fault, fault.__traceback__))
        vars(record).update(extra)
        assert logger.filter(record)
        return formatter.format(record)

    return written


def request_to(path: str):
    request = RequestFactory().post(path, {"name": "Ana Silva"})
    request.resolver_match = resolve(path)
    return request


def test_a_line_says_which_exceptions_and_where_but_not_what_they_say(line, fault):
    text = line("clinic", "it broke", fault=fault)
    assert "Ana" not in text
    assert [name in text for name in ("builtins.ValueError", "builtins.KeyError", "test_faults.py", "typed")] == [
        True
    ] * 4
    assert text.index("ValueError") < text.index("KeyError")  # where it came from stands first


def test_djangos_line_names_the_route_and_no_one_time_link(line, fault):
    request = request_to("/sign-in/link/a-secret-token/")
    text = line("django.request", "%s: %s", "Internal Server Error", request.path, fault=fault, request=request)
    assert "POST sign-in/link/<str:token>/" in text
    assert "a-secret-token" not in text


def test_celerys_line_names_the_type_and_no_argument(line, fault):
    said = {"name": "a.task", "exc": "KeyError('Ana Silva')", "args": "['Ana Silva']", "kwargs": "{}"}
    text = line("celery.app.trace", "Task %(name)s raised: %(exc)s %(args)s", said, fault=fault)
    assert "Task a.task raised: builtins.KeyError" in text
    assert "Ana" not in text


@pytest.mark.parametrize("render", [Report.get_traceback_text, Report.get_traceback_html])
def test_a_report_holds_no_form_cookie_or_variable(render, fault):
    request = request_to("/sign-in/")
    request.COOKIES["session"] = "Ana Silva"
    text = render(Report(request, type(fault), fault, fault.__traceback__))
    assert "Ana" not in text
    assert "POST sign-in/" in text and "builtins.KeyError" in text


def test_a_fault_that_goes_in_circles_ends(line):
    first, second = ValueError("Ana"), ValueError("Silva")
    first.__cause__, second.__cause__ = second, first
    assert line("clinic", "it broke", fault=first).count("ValueError") == 2
