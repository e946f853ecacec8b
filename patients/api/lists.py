"""Lists: 25 a page, and a cursor that stays right while rows are added. A view says its `ordering`."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

Rows = models.QuerySet[Any, Any] | Sequence[Any]


class Pages(CursorPagination):
    page_size = 25

    def get_ordering(self, request: Request, queryset: Rows, view: Any) -> tuple[str, ...]:
        ordering: tuple[str, ...] = view.ordering
        return ordering

    def paginate_queryset(self, queryset: Rows, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, OverflowError):
            # A cursor that somebody wrote by hand.
            raise NotFound(_("This cursor leads nowhere: begin at the first page.")) from None
