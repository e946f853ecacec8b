"""What is written down about a fault: which exception, where, on which route. Never a message or a value.

The text of an exception quotes what somebody typed (`invalid literal for int(): 'Ana'`, the DETAIL of a database), and
an address may hold a one-time link.
"""

import copy
import logging
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.views.debug import ExceptionReporter


def outline(error: BaseException | None) -> str:
    """An exception with those it came from, these first: file, line and function of each step, then the type."""
    lines = []
    for one in causes(error):
        steps = traceback.extract_tb(one.__traceback__)
        lines += [f"  {step.filename}:{step.lineno} {step.name}" for step in steps]
        lines.append(name_of(one))
    return "\n".join(lines)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return reversed(found)


def name_of(error: BaseException | None) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def route_of(request: HttpRequest) -> str:
    """The pattern of the address that was asked for: staff/patients/<uuid:pk>/."""
    match = request.resolver_match
    return f"{request.method} {match.route}" if match else f"{request.method} (no route)"


class NoValues(logging.Filter):
    """For the lines others write about faults: Django's with the route instead of the address, Celery's unquoted."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if one == request.path else one for one in record.args)
        elif record.exc_info and isinstance(record.args, Mapping):
            record.args = {**record.args, "exc": name_of(record.exc_info[1]), "args": "", "kwargs": ""}
        return True


class Lines(logging.Formatter):
    """Lines of a log in which a fault is its outline."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.exc_text = None  # what another handler made of it
        return super().format(record)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return outline(ei[1])


class Report(ExceptionReporter):
    """Django's report of a fault, for whoever has it mailed: no POST, no cookies, no variables."""

    request: HttpRequest | None
    exc_value: BaseException | None

    def get_traceback_text(self) -> Any:
        route = route_of(self.request) if self.request else ""
        return f"{route}\n{outline(self.exc_value)}\n"

    def get_traceback_html(self) -> Any:
        return format_html("<pre>{}</pre>", self.get_traceback_text())
