"""How often one person may ask. Counted in the cache, as a courtesy: what must hold is counted in the database."""

import logging
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

logger = logging.getLogger(__name__)


class PoliteThrottle(UserRateThrottle):
    """Lets everybody through while the cache does not answer: people in pain come before tidy counts."""

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return super().allow_request(request, view)
        except Exception as error:  # any cache, any fault of it
            logger.warning("throttle: the cache failed (%s)", type(error).__name__)
            return True


class ReadThrottle(PoliteThrottle):
    scope = "api-read"

    def allow_request(self, request: Request, view: Any) -> bool:
        return request.method not in SAFE_METHODS or super().allow_request(request, view)


class WriteThrottle(PoliteThrottle):
    scope = "api-write"

    def allow_request(self, request: Request, view: Any) -> bool:
        # The body is looked at last: one that cannot be read is for the view to answer.
        return request.method in SAFE_METHODS or super().allow_request(request, view) or names_a_warning_sign(request)


def names_a_warning_sign(request: Request) -> bool:
    """A limit never swallows a red flag (handbook 3.6). Only a body that can be read can name one."""
    try:
        return isinstance(request.data, dict) and bool(request.data.get("red_flags"))
    except APIException:
        return False
