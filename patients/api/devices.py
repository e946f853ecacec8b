"""devices/: the tokens of the person who is signed in. Not open to the tokens themselves."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from clinic import device_tokens
from patients.api.access import ApiRequest, SignedInByHand
from patients.api.base import ApiView, ListView
from patients.api.errors import ErrorBody
from patients.api.fields import Strict


class NewDevice(Strict):
    name = serializers.CharField(max_length=device_tokens.LONGEST_NAME)


class DeviceRow(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the hour.")


class IssuedDevice(DeviceRow):
    token = serializers.CharField(help_text="Shown this once. Only a digest of it is kept.")


class Devices(ListView):
    permission_classes = [IsAuthenticated, SignedInByHand]
    ordering = ("-created_at", "-pk")

    @extend_schema(operation_id="devices_list", responses=DeviceRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        """My devices."""
        self.asked(Strict)
        return self.page(device_tokens.devices_of(request.user), DeviceRow)

    @extend_schema(operation_id="devices_add", request=NewDevice, responses={201: IssuedDevice, 422: ErrorBody})
    def post(self, request: ApiRequest) -> Response:
        """Make a token for a device. It is shown this once."""
        row, token = device_tokens.issue(request.user, **self.given(NewDevice), now=request.now)
        row.token = token  # type: ignore[attr-defined]
        return self.answer(IssuedDevice, row, status.HTTP_201_CREATED)


class OneDevice(ApiView):
    permission_classes = [IsAuthenticated, SignedInByHand]

    @extend_schema(operation_id="devices_remove", request=None, responses={204: None})
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """Remove a device: its token stops at once."""
        row = get_object_or_404(device_tokens.devices_of(request.user), pk=pk)
        device_tokens.revoke(row, actor=request.user, now=request.now)
        return Response(status=status.HTTP_204_NO_CONTENT)
