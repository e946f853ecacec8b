"""GET today/: what the patient has to do, and what must not be done."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from patients import plan
from patients.api import shapes
from patients.api.access import ApiRequest, FollowsAPatient, patient_of
from patients.api.base import ApiView
from patients.api.fields import OfPatient
from patients.models import Hold, Patient, Program
from patients.safety import safety_of


class TodayExercise(serializers.Serializer[Any]):
    item = serializers.UUIDField(source="item.pk", help_text="Names the exercise in POST sessions/.")
    name = serializers.CharField()
    ladder = serializers.CharField(source="ladder_title")
    level = serializers.CharField(source="level_code")
    region = serializers.CharField(source="item.region")
    dose = shapes.Dose()
    sides = serializers.ListField(child=serializers.CharField())
    how = serializers.ListField(child=serializers.CharField(), source="content.how", default=list)
    cues = serializers.ListField(child=serializers.CharField(), source="content.cues", default=list)
    mistakes = serializers.ListField(child=serializers.CharField(), source="content.mistakes", default=list)
    precautions = serializers.ListField(child=serializers.CharField(), source="content.precautions", default=list)
    bouts_done = serializers.IntegerField()
    bouts_low = serializers.IntegerField()
    bouts_high = serializers.IntegerField()
    days_done = serializers.IntegerField(help_text="Days of this week on which it was done.")
    minutes = serializers.IntegerField()
    is_due = serializers.BooleanField()
    is_done = serializers.BooleanField()
    why_held = serializers.CharField(help_text="Not empty: do not do this exercise now.")
    unlock = serializers.CharField(help_text="What is still missing for the next level.")


class TodayProgram(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="program.pk")
    title = serializers.CharField(source="program.title")
    phase = serializers.CharField(source="phase_name")
    week = serializers.IntegerField()
    weeks_total = serializers.IntegerField()
    paused = serializers.BooleanField()
    may_log = serializers.BooleanField()
    minutes = serializers.IntegerField()
    done = serializers.IntegerField()
    asked = serializers.IntegerField()
    week_dots = serializers.ListField(
        child=serializers.CharField(), help_text="Monday to Sunday: done, part, rest, ahead."
    )
    exercises = TodayExercise(source="items", many=True)


class TodayPage(serializers.Serializer[Any]):
    patient = serializers.UUIDField()
    program = TodayProgram(allow_null=True, help_text="Null while no program runs.")
    safety = shapes.Safety(allow_null=True)
    holds = shapes.Hold(many=True)
    questions = shapes.Question(many=True)


class Today(ApiView):
    permission_classes = [FollowsAPatient]

    @extend_schema(operation_id="today", parameters=[OfPatient], responses=TodayPage)
    def get(self, request: ApiRequest) -> Response:
        """What the patient has to do today, and what must not be done."""
        patient = patient_of(request, self.asked(OfPatient)["patient"])
        program = running_program(request, patient)
        day = plan.today(program, now=request.now) if program else None
        without = Hold.objects.visible_to(request.user).filter(patient=patient).open().select_related("item__level")
        holds = list(day.holds if day else without)
        return self.answer(
            TodayPage,
            {
                "patient": patient.pk,
                "program": day,
                "safety": safety_of(holds, patient.clinic, now=request.now),
                "holds": holds,
                "questions": day.questions if day else [],
            },
        )


def running_program(request: ApiRequest, patient: Patient) -> Program | None:
    """The active program, with the patient already read."""
    mine = Program.objects.visible_to(request.user).active().filter(patient=patient)
    program = mine.select_related("phase", "version").first()
    if program:
        program.patient = patient
    return program
