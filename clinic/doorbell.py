"""The doorbell: tells the workers, after a commit, that there may be work. Never waits for the broker.

Nothing depends on it: what must happen is a row in the database, and the timetable finds it without a ring. So
a full queue or a dead broker is counted and forgotten.
"""

import logging
import os
import queue
import threading
from collections import Counter
from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from clinic.celery import app

logger = logging.getLogger(__name__)

# More than a handful waiting means the broker does not answer; the timetable does the work then.
LONGEST_QUEUE = 32


class Doorbell:
    """Sends task names from one background thread. `send` may block or fail; `ring` never does."""

    def __init__(self, send: Callable[[str], object], longest_queue: int = LONGEST_QUEUE) -> None:
        self.send = send
        self.longest_queue = longest_queue
        self.missed: Counter[str] = Counter()
        self.forget()

    def forget(self) -> None:
        """Start with nothing waiting and no thread: a forked process inherits neither."""
        self.waiting: queue.Queue[str] = queue.Queue(self.longest_queue)
        self.thread: threading.Thread | None = None
        self.starting = threading.Lock()

    def ring(self, task_name: str) -> None:
        """Put a name in line at once, or count it as missed where the line is full."""
        try:
            self.waiting.put_nowait(task_name)
        except queue.Full:
            self.missed["full"] += 1
            return
        with self.starting:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._send_all, name="doorbell", daemon=True)
                self.thread.start()

    def _send_all(self) -> None:
        waiting = self.waiting
        while True:
            task_name = waiting.get()
            try:
                self.send(task_name)
            except Exception as error:
                self.missed["failed"] += 1
                # The type only: the message of a connection error may hold the broker's password.
                logger.warning("doorbell: %s was not sent (%s)", task_name, type(error).__name__)
            finally:
                waiting.task_done()


def _send(task_name: str) -> None:
    app.send_task(task_name, expires=60, retry=False, ignore_result=True)


doorbell = Doorbell(_send)
os.register_at_fork(after_in_child=doorbell.forget)


def ring(task_name: str) -> None:
    """Say after the commit of the running transaction that `task_name` may find work; at once outside of one.

    Does nothing where the setting DOORBELL is off. A transaction rolled back rings nothing.
    """
    if settings.DOORBELL:
        transaction.on_commit(lambda: doorbell.ring(task_name), robust=True)


def missed() -> dict[str, int]:
    """How often this process did not get a ring out, by reason: `full` or `failed`."""
    return dict(doorbell.missed)
