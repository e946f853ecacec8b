"""proposals/: steps the rules propose and a therapist decides. Nothing lapses into a change."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from clinic import audit
from patients import proposals
from patients.api.access import CLINIC_HEADER, ApiRequest, Treats, clinic_of
from patients.api.base import ApiView, ListView
from patients.api.errors import ErrorBody
from patients.api.fields import Strict, whole
from patients.models import Proposal
from patients.models.proposal import ProposalQuerySet
from programs.dose import BOUNDS

REFUSALS = {409: ErrorBody, 422: ErrorBody}


class ProposalQuestion(Strict):
    mine = serializers.BooleanField(default=False, help_text="Only of patients I am responsible for.")


class NewLevel(Strict):
    """What is decided instead: a level of the same ladder, and numbers at it where they differ from its own."""

    level = serializers.CharField(max_length=16, help_text="Code of the level, as in BRG-3.")
    reason = serializers.CharField(max_length=240)
    sets = whole(1, BOUNDS["sets"], required=False)
    reps_low = whole(1, BOUNDS["reps_low"], required=False)
    reps_high = whole(1, BOUNDS["reps_high"], required=False)
    rom_pct = whole(1, BOUNDS["rom_pct"], required=False)
    load_grams = whole(1, BOUNDS["load_grams"], required=False)


class NewRefusal(Strict):
    note = serializers.CharField(max_length=240)


class ProposalPatient(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    name = serializers.CharField(source="identity.name")


class ProposalRow(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    patient = ProposalPatient()
    kind = serializers.CharField(help_text="advance, gate_check or next_phase.")
    is_load_step = serializers.BooleanField(help_text="The next weight or band, at the same level.")
    state = serializers.ChoiceField(choices=Proposal.State.choices)
    exercise = serializers.CharField(source="item.name")
    level = serializers.CharField(source="item.level.code", help_text="Where the exercise is today.")
    opened_at = serializers.DateTimeField()
    due_on = serializers.DateField(help_text="Later it stands with everybody on duty too.")
    closed_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


class Proposals(ListView):
    permission_classes = [Treats]
    ordering = ("opened_at", "pk")

    @extend_schema(
        operation_id="proposals_list", parameters=[ProposalQuestion, CLINIC_HEADER], responses=ProposalRow(many=True)
    )
    def get(self, request: ApiRequest) -> Response:
        """What waits for a therapist's word, the oldest first."""
        rows = proposals_of(request).open().filter(item__ended_on=None)
        if self.asked(ProposalQuestion)["mine"]:
            rows = rows.filter(patient__owner=request.user)
        clinic = clinic_of(request)
        audit.note("list_proposals", clinic, clinic=clinic, actor=request.user, now=request.now)
        return self.page(rows, ProposalRow)


class OneProposal(ApiView):
    permission_classes = [Treats]
    http_method_names = ["post", "options"]

    def proposal(self, pk: UUID) -> Proposal:
        return get_object_or_404(proposals_of(self.request), pk=pk)

    def shown(self, pk: UUID) -> Response:
        return self.answer(ProposalRow, self.proposal(pk))


class ApproveProposal(OneProposal):
    @extend_schema(
        operation_id="proposals_approve",
        request=None,
        parameters=[CLINIC_HEADER],
        responses={200: ProposalRow, **REFUSALS},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Carry out what is proposed. Of two people who press at once, one gets 409."""
        proposals.approve(self.proposal(pk), actor=request.user, now=request.now)
        return self.shown(pk)


class ChangeProposal(OneProposal):
    @extend_schema(
        operation_id="proposals_change",
        request=NewLevel,
        parameters=[CLINIC_HEADER],
        responses={200: ProposalRow, **REFUSALS},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Decide otherwise: another level, other numbers, or both."""
        found = self.proposal(pk)
        given = self.given(NewLevel)
        level, reason = given.pop("level"), given.pop("reason")
        proposals.approve_changed(found, level=level, changes=given, reason=reason, actor=request.user, now=request.now)
        return self.shown(pk)


class DeclineProposal(OneProposal):
    @extend_schema(
        operation_id="proposals_decline",
        request=NewRefusal,
        parameters=[CLINIC_HEADER],
        responses={200: ProposalRow, **REFUSALS},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Leave things as they are and say why. The next clean day may propose it again."""
        proposals.decline(self.proposal(pk), **self.given(NewRefusal), actor=request.user, now=request.now)
        return self.shown(pk)


def proposals_of(request: ApiRequest) -> ProposalQuerySet:
    mine = Proposal.objects.visible_to(request.user).of(clinic_of(request)).filter(patient__closed_at=None)
    return mine.select_related("patient__identity", "item__level", "item__program__patient", "decision")
