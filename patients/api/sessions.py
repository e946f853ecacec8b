"""sessions/: what was done. The client names each session with its own UUID, so that sending again is safe."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from clinic.refusals import Refused
from patients.api import shapes
from patients.api.access import ApiRequest, FollowsAPatient, followed, patient_of
from patients.api.base import ApiView, ListView
from patients.api.errors import ErrorBody, renamed, with_safety
from patients.api.fields import Moment, OfPatient, Strict, new_nerve_signs, note, some_of, warning_signs, whole
from patients.api.today import running_program
from patients.corrections import correct, take_back
from patients.models import ExerciseLog, Patient, Program, Session
from patients.models.session import SessionQuerySet, Source
from patients.reports import report_pain
from patients.safety import Safety
from patients.sessions import NEURO, SKIP_REASONS, WORDS, Clash, Entry, Logged, SetDone, log_session, result_of
from programs.rules import RED_FLAGS

PAIN = {"required": False, "allow_null": True, "default": None}


class NewSet(Strict):
    side = serializers.ChoiceField(choices=["left", "right", "both"])
    reps = whole(0, 300, **PAIN)
    seconds = whole(0, 1800, **PAIN)
    load = whole(0, 300_000, **PAIN, help_text="Grams, or the step of the band. Left out: as prescribed.")


class NewExercise(Strict):
    item = serializers.UUIDField(help_text="As in GET today/.")
    sets = serializers.ListField(child=NewSet(), max_length=40, default=list)
    pain_before = whole(0, 10, **PAIN)
    pain_during = whole(0, 10, **PAIN)
    pain_after = whole(0, 10, **PAIN)
    form = serializers.ChoiceField(choices=["ok", "partly", "lost"], default="ok")
    cramp = serializers.ChoiceField(choices=["resolved", "unresolved"], allow_blank=True, default="")
    words = some_of(WORDS)
    strength_loss = serializers.BooleanField(default=False)
    painful = serializers.BooleanField(default=False)
    full_rom = serializers.BooleanField(default=True)
    skipped = serializers.ChoiceField(choices=SKIP_REASONS, allow_blank=True, default="")
    note = note()


class NewSession(OfPatient):
    id = serializers.UUIDField(help_text="Chosen by the client, once for each session.")
    performed_at = Moment(required=False, allow_null=True, default=None, help_text="Left out: now.")
    effort = whole(0, 10, **PAIN)
    note = note()
    red_flags = some_of(RED_FLAGS)
    neuro = some_of(NEURO)
    exercises = serializers.ListField(child=NewExercise(), max_length=40)


class Correction(Strict):
    id = serializers.UUIDField(help_text="Of the new version: chosen by the client, once for each correction.")
    performed_at = Moment(required=False, allow_null=True, default=None, help_text="Left out: as it was.")
    effort = whole(0, 10, **PAIN)
    note = note()
    red_flags = some_of(RED_FLAGS)
    neuro = some_of(NEURO)
    exercises = serializers.ListField(child=NewExercise(), max_length=40)


class SetLogged(serializers.Serializer[Any]):
    side = serializers.CharField()
    reps = serializers.IntegerField(default=None, allow_null=True)
    seconds = serializers.IntegerField(default=None, allow_null=True)
    load = serializers.IntegerField(default=None, allow_null=True)


class ExerciseLogged(serializers.Serializer[Any]):
    item = serializers.UUIDField(source="item_id")
    name = serializers.CharField(source="level.name")
    level = serializers.CharField(source="level.code")
    sets = SetLogged(many=True)
    pain_before = serializers.IntegerField(allow_null=True)
    pain_during = serializers.IntegerField(allow_null=True)
    pain_after = serializers.IntegerField(allow_null=True)
    form = serializers.CharField()
    cramp = serializers.CharField()
    words = serializers.ListField(child=serializers.CharField())
    strength_loss = serializers.BooleanField()
    painful = serializers.BooleanField()
    full_rom = serializers.BooleanField()
    skipped = serializers.CharField()
    note = serializers.CharField()


class SessionRow(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    performed_at = serializers.DateTimeField()
    date = serializers.DateField(source="local_date", help_text="In the patient's own zone.")
    logged_at = serializers.DateTimeField()
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    effort = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()
    red_flags = serializers.ListField(child=serializers.CharField())
    neuro = serializers.ListField(child=serializers.CharField())
    corrects = serializers.UUIDField(source="corrects_id", allow_null=True, help_text="The version before this one.")
    is_current = serializers.BooleanField(help_text="False: corrected since, or taken back.")
    exercises = ExerciseLogged(many=True, source="read_exercises")


class SessionResult(serializers.Serializer[Any]):
    session = SessionRow()
    results = shapes.Result(many=True)
    holds = shapes.Hold(many=True)
    safety = shapes.Safety(allow_null=True)
    urgent_words = serializers.ListField(
        child=serializers.CharField(), help_text="Not empty: ask at once whether it is an emergency."
    )


class Sessions(ListView):
    permission_classes = [FollowsAPatient]
    ordering = ("-performed_at", "-pk")

    @extend_schema(operation_id="sessions_list", parameters=[OfPatient], responses=SessionRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        """The sessions of a patient, the latest first. What a correction replaced is left out."""
        patient = patient_of(request, self.asked(OfPatient)["patient"])
        return self.page(sessions_of(request, [patient]).current(), SessionRow)

    @extend_schema(
        operation_id="sessions_log",
        request=NewSession,
        responses={
            201: SessionResult,
            200: OpenApiResponse(SessionResult, description="Sent before: the stored result."),
            409: OpenApiResponse(ErrorBody, description="Sent before with other entries."),
            422: ErrorBody,
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Log a session: all of it or nothing. Sending the same again gives the stored result.

        If it is refused, the warning signs it names are kept all the same: `safety` among the errors says what to do.
        """
        try:
            return self.log(request)
        except Clash:
            raise
        except (ValidationError, Refused) as fault:
            safety = kept_signs(request)
            if safety is None:
                raise
            raise with_safety(fault, safety) from None

    def log(self, request: ApiRequest) -> Response:
        given = self.given(NewSession)
        patient = patient_of(request, given.pop("patient"))
        program = running_program(request, patient) or stored_program(request, patient, given["id"])
        exercises = given.pop("exercises")
        try:
            logged = log_session(
                program,
                client_id=given.pop("id"),
                entries=[entry(one) for one in exercises],
                **given,
                source=Source.API,
                actor=request.user,
                now=request.now,
            )
        except Refused as refusal:
            raise renamed(refusal, places_of(exercises)) from None
        code = status.HTTP_201_CREATED if logged.is_new else status.HTTP_200_OK
        return self.answer(SessionResult, result(logged, request), code)


class OneSession(ApiView):
    permission_classes = [FollowsAPatient]

    @extend_schema(operation_id="sessions_read", responses=SessionResult)
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """One session with what the rules decided about it."""
        rows = sessions_of(request, followed(request)).select_related("patient__clinic")
        return self.answer(SessionResult, result(result_of(get_object_or_404(rows, pk=pk)), request))


class CorrectSession(ApiView):
    permission_classes = [FollowsAPatient]

    @extend_schema(
        operation_id="sessions_correct",
        request=Correction,
        responses={
            201: SessionResult,
            200: OpenApiResponse(SessionResult, description="Sent before: the stored result."),
            409: OpenApiResponse(ErrorBody, description="Changed meanwhile, or the id is taken."),
            422: ErrorBody,
        },
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Replace a whole session by a new version, within 24 hours of saving it. The old version is kept.

        More pain acts at once. Less pain closes nothing at the clinic and gives no exercise back.
        """
        session = own_session(request, pk)
        try:
            return self.correct(request, session)
        except Clash:
            raise
        except (ValidationError, Refused) as fault:
            safety = kept_signs(request, session.patient)
            if safety is None:
                raise
            raise with_safety(fault, safety) from None

    def correct(self, request: ApiRequest, session: Session) -> Response:
        given = self.given(Correction)
        exercises = given.pop("exercises")
        try:
            made = correct(
                session,
                client_id=given.pop("id"),
                entries=[entry(one) for one in exercises],
                **given,
                actor=request.user,
                now=request.now,
            )
        except Refused as refusal:
            raise renamed(refusal, places_of(exercises)) from None
        code = status.HTTP_201_CREATED if made.is_new else status.HTTP_200_OK
        return self.answer(SessionResult, result(made, request), code)


class TakeBackSession(ApiView):
    permission_classes = [FollowsAPatient]

    @extend_schema(
        operation_id="sessions_take_back",
        request=None,
        responses={200: SessionResult, 409: ErrorBody, 422: ErrorBody},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Count a session no more, within 24 hours of saving it. Twice is once. Flags and holds stay."""
        taken = take_back(own_session(request, pk), actor=request.user, now=request.now)
        return self.answer(SessionResult, result(result_of(taken), request))


def own_session(request: ApiRequest, pk: UUID) -> Session:
    rows = sessions_of(request, followed(request)).select_related("patient__clinic", "program__patient__clinic")
    session = get_object_or_404(rows, pk=pk)
    patient_of(request, session.patient_id)
    return session


def sessions_of(request: ApiRequest, patients: list[Patient]) -> SessionQuerySet:
    mine = Session.objects.visible_to(request.user).filter(patient__in=patients)
    return mine.prefetch_related(exercises_read_by(request))


def exercises_read_by(request: ApiRequest) -> Prefetch[str]:
    exercises = ExerciseLog.objects.visible_to(request.user).select_related("level").order_by("pk")
    return Prefetch("exercises", exercises, to_attr="read_exercises")


def stored_program(request: ApiRequest, patient: Patient, pk: UUID) -> Program:
    """The program of a session sent before: sending again stays safe after the program has ended."""
    mine = Program.objects.visible_to(request.user).filter(patient=patient, sessions=pk)
    program = mine.select_related("patient__clinic").first()
    if program is None:
        raise Refused(_("No program is running: call the clinic instead."))
    return program


def places_of(exercises: list[dict[str, Any]]) -> dict[str, str]:
    """The beginning of a field's name as the verb gives it → where it stands in the body."""
    return {str(one["item"]): f"exercises.{number}" for number, one in enumerate(exercises)}


def kept_signs(request: ApiRequest, patient: Patient | None = None) -> Safety | None:
    """A slip in the sets must not swallow a red flag (handbook 3.6): it is kept as a report of its own."""
    body, signs, neuro = request.data, warning_signs(request.data), new_nerve_signs(request.data)
    if not (signs or neuro) or not isinstance(body, dict):
        return None
    if patient is None:
        named = OfPatient(data={"patient": body.get("patient")})
        if not named.is_valid():
            return None
        patient = patient_of(request, named.validated_data["patient"])
    return report_pain(patient, pain=0, red_flags=signs, neuro=neuro, actor=request.user, now=request.now).safety


def entry(given: dict[str, Any]) -> Entry:
    values = {**given, "item_id": given["item"], "sets": [SetDone(**one) for one in given["sets"]]}
    values.pop("item")
    return Entry(**values)


def result(logged: Logged, request: ApiRequest) -> dict[str, Any]:
    prefetch_related_objects([logged.session], exercises_read_by(request))
    return {
        "session": logged.session,
        "results": logged.results,
        "holds": logged.holds,
        "safety": logged.safety,
        "urgent_words": logged.urgent_words,
    }
