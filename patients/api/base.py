"""What every view of the API does: read strictly, answer in explicit fields."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from patients.api.access import ApiRequest
from patients.api.fields import Strict
from patients.api.lists import Pages

Row = TypeVar("Row", bound=models.Model)


class ApiView(GenericAPIView[Any]):
    request: ApiRequest

    def given(self, shape: type[Strict]) -> dict[str, Any]:
        """The body, checked. Raises ValidationError naming every field at fault."""
        return checked(shape(data=self.request.data))

    def asked(self, shape: type[Strict]) -> dict[str, Any]:
        """The query parameters, checked; an unknown one is refused as an unknown field is."""
        paging = ("cursor", "page_size")
        parameters = self.request.query_params.copy()
        for name in paging:
            parameters.pop(name, None)
        return checked(shape(data=parameters))

    def answer(self, shape: type[serializers.Serializer[Any]], value: Any, code: int = status.HTTP_200_OK) -> Response:
        return Response(shape(value, context=self.get_serializer_context()).data, status=code)


class ListView(ApiView):
    pagination_class = Pages
    ordering: tuple[str, ...]

    def page(self, rows: models.QuerySet[Any, Any], shape: type[serializers.Serializer[Any]]) -> Response:
        found = [self.row(one) for one in self.paginate_queryset(rows) or ()]
        return self.get_paginated_response(shape(found, many=True, context=self.get_serializer_context()).data)

    def row(self, found: Any) -> Any:
        """What a row was read as, as its shape takes it."""
        return found


def checked(reader: Strict) -> dict[str, Any]:
    reader.is_valid(raise_exception=True)
    values: Mapping[str, Any] = reader.validated_data
    return dict(values)
