"""Addresses of many rows at once."""

from collections.abc import Callable
from uuid import UUID

from django.urls import reverse

NOBODY = UUID(int=0)


def address_of(route: str) -> Callable[[UUID], str]:
    """How to write the address of `route` for one id after another: a list would else look it up for each row."""
    before, after = reverse(route, args=[NOBODY]).split(str(NOBODY))
    return lambda pk: f"{before}{pk}{after}"
