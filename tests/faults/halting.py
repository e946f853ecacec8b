"""celery --app tests.faults.halting worker: the real worker, except that it halts where HALT_AT says, and says so.

HALT_AT is `<dotted function>:before` or `:after`; when it gets there it makes the file HALTED and waits to be killed.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from celery.signals import worker_process_init
from django.utils.module_loading import import_string

from clinic.celery import app

__all__ = ["app"]


@worker_process_init.connect
def put_the_halt(**_ignored: object) -> None:
    place, _colon, when = os.environ["HALT_AT"].partition(":")
    mock.patch(place, halting(import_string(place), when)).start()


def halting(real: Callable[..., Any], when: str) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            halt()
        result = real(*args, **kwargs)
        if when == "after":
            halt()
        return result

    return wrapped


def halt() -> None:
    Path(os.environ["HALTED"]).touch()
    time.sleep(120)
