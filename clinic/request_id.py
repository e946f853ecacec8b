"""Names the request at hand, so that an audit row and a log line can be put side by side."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
