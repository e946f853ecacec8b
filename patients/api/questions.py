"""questions/: how it was the next day."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from patients.answers import answer_question
from patients.api import shapes
from patients.api.access import ApiRequest, FollowsAPatient, followed, patient_of
from patients.api.base import ApiView, ListView
from patients.api.errors import ErrorBody
from patients.api.fields import OfPatient, Strict, some_of, whole
from patients.models import NextDayQuestion
from patients.models.session import Source
from patients.sessions import NEURO
from programs.rules import RED_FLAGS


class NewAnswer(Strict):
    pain = whole(0, 10)
    compared = serializers.ChoiceField(choices=["worse", "same", "better"])
    neuro = some_of(NEURO)
    red_flags = some_of(RED_FLAGS)


class AnswerResult(serializers.Serializer[Any]):
    question = shapes.Question()
    is_new = serializers.BooleanField(help_text="False: the same answer was given before.")
    results = shapes.Result(many=True)
    holds = shapes.Hold(many=True)
    safety = shapes.Safety(allow_null=True)


class Questions(ListView):
    permission_classes = [FollowsAPatient]
    ordering = ("opens_at", "pk")

    @extend_schema(operation_id="questions_list", parameters=[OfPatient], responses=shapes.Question(many=True))
    def get(self, request: ApiRequest) -> Response:
        """The questions that can be answered now, the oldest first."""
        patient = patient_of(request, self.asked(OfPatient)["patient"])
        mine = NextDayQuestion.objects.visible_to(request.user).filter(patient=patient)
        return self.page(mine.open(request.now), shapes.Question)


class Answer(ApiView):
    permission_classes = [FollowsAPatient]

    @extend_schema(
        operation_id="questions_answer",
        request=NewAnswer,
        responses={200: AnswerResult, 409: ErrorBody, 422: ErrorBody},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Answer a question. The same answer again changes nothing."""
        mine = NextDayQuestion.objects.visible_to(request.user).filter(patient__in=followed(request))
        question = get_object_or_404(mine.select_related("program__patient__clinic"), pk=pk)
        patient_of(request, question.patient_id)
        given = self.given(NewAnswer)
        answered = answer_question(question, **given, source=Source.API, actor=request.user, now=request.now)
        return self.answer(AnswerResult, answered)
