"""flags/: the clinic's list of what a person must look at, and the steps until it is closed."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Case, F, Prefetch, Value, When
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from clinic import audit
from clinic.models import Membership
from patients import follow_up
from patients.api.access import CLINIC_HEADER, ApiRequest, Triages, clinic_of, membership_of
from patients.api.base import ApiView, ListView
from patients.api.errors import ErrorBody
from patients.api.fields import Strict, note
from patients.models import FlagEvent, PainFlag
from patients.models.assignment import name_of_side
from patients.models.triage import FlagGroup, PainFlagQuerySet

ORDERINGS = {
    "urgency": ("severity", "contact_due", "pk"),
    "oldest": ("opened_at", "pk"),
    "latest": ("-last_event_at", "-pk"),
}


class FlagQuestion(Strict):
    state = serializers.MultipleChoiceField(
        choices=PainFlag.State.choices, required=False, help_text="Left out: all that wait for somebody."
    )
    severity = serializers.IntegerField(min_value=1, max_value=5, required=False)
    group = serializers.ChoiceField(choices=FlagGroup.choices, required=False)
    mine = serializers.BooleanField(default=False, help_text="Only those I have taken.")
    ordering = serializers.ChoiceField(choices=list(ORDERINGS), default="urgency")


class NewContact(Strict):
    channel = serializers.ChoiceField(choices=follow_up.CHANNELS)
    outcome = serializers.ChoiceField(choices=follow_up.OUTCOMES, help_text="Only `reached` moves the flag on.")
    note = note()


class NewResolution(Strict):
    code = serializers.ChoiceField(choices=PainFlag.Resolution.choices)
    effect = serializers.ChoiceField(choices=PainFlag.Effect.choices, help_text="What becomes of the held exercises.")
    substitute = serializers.CharField(
        max_length=12, required=False, default="", help_text="For `swap`: code of the ladder that takes its place."
    )
    note = serializers.CharField(max_length=2000)


class Person(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    name = serializers.CharField()


class FlagPatient(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="patient_id")
    name = serializers.CharField(source="patient_name")
    phone = serializers.CharField(source="patient_phone")


class FlagRow(serializers.Serializer[Any]):
    """Of severity 1 to 3 the desk sees whom to call and by when: the fields of `clinical` are empty for them."""

    clinical: ClassVar[tuple[str, ...]] = ("code", "headline", "region", "exercise")

    id = serializers.UUIDField(source="pk")
    patient = FlagPatient(source="*")
    group = serializers.ChoiceField(choices=FlagGroup.choices)
    severity = serializers.IntegerField(help_text="1 emergency to 5 information.")
    state = serializers.ChoiceField(choices=PainFlag.State.choices)
    code = serializers.CharField()
    headline = serializers.CharField()
    region = serializers.CharField()
    exercise = serializers.SerializerMethodField()
    owner = Person(allow_null=True)
    opened_at = serializers.DateTimeField()
    last_event_at = serializers.DateTimeField()
    ack_due = serializers.DateTimeField(allow_null=True)
    contact_due = serializers.DateTimeField(allow_null=True)
    snoozed_until = serializers.DateTimeField(allow_null=True)
    reopened = serializers.IntegerField()
    may_close = serializers.SerializerMethodField()

    @cached_property
    def membership(self) -> Membership | None:
        return membership_of(self.context["request"])

    def get_exercise(self, flag: PainFlag) -> str:
        name, side = flag.level_name or "", flag.side_apart  # type: ignore[attr-defined]  # annotated
        return name_of_side(name, side) if side else name

    def get_may_close(self, flag: PainFlag) -> bool:
        return follow_up.may_close(self.membership, flag)

    def to_representation(self, instance: PainFlag) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not follow_up.may_read(self.membership, instance):
            shown.update({name: type(shown[name])() for name in self.clinical})
        return shown


class FlagStep(serializers.Serializer[Any]):
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    by = Person(source="actor", allow_null=True, help_text="Null: the system.")
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    code = serializers.CharField()
    note = serializers.CharField()


class FlagDetail(FlagRow):
    clinical = (*FlagRow.clinical, "note", "resolution", "effect", "steps")

    acknowledged_at = serializers.DateTimeField(allow_null=True)
    contacted_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolution = serializers.CharField()
    effect = serializers.CharField()
    note = serializers.CharField()
    steps = FlagStep(many=True)


class Flags(ListView):
    permission_classes = [Triages]

    @extend_schema(operation_id="flags_list", parameters=[FlagQuestion, CLINIC_HEADER], responses=FlagRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        """The flags of the clinic, the most urgent first."""
        asked = self.asked(FlagQuestion)
        # The pages ask the view how to order.
        self.ordering = ORDERINGS[asked["ordering"]]
        rows = rows_of(request).filter(state__in=asked.get("state") or PainFlag.State.waiting)
        for name in ("severity", "group"):
            if name in asked:
                rows = rows.filter(**{name: asked[name]})
        clinic = clinic_of(request)
        audit.note("list_flags", clinic, clinic=clinic, actor=request.user, now=request.now)
        return self.page(rows.filter(owner=request.user) if asked["mine"] else rows, FlagRow)


class OneFlag(ApiView):
    permission_classes = [Triages]

    @extend_schema(operation_id="flags_read", parameters=[CLINIC_HEADER], responses=FlagDetail)
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """One flag with every step so far. That it was read is kept."""
        flag = self.flag(pk)
        audit.note("read", flag, clinic=flag.clinic_id, actor=request.user, now=request.now, patient_id=flag.patient_id)
        return self.shown(flag.pk)

    def flag(self, pk: UUID) -> PainFlag:
        return get_object_or_404(flags_of(self.request).select_related("patient"), pk=pk)

    def shown(self, pk: UUID) -> Response:
        events = FlagEvent.objects.visible_to(self.request.user).select_related("actor").order_by("at", "pk")
        rows = rows_of(self.request).prefetch_related(Prefetch("events", events, to_attr="steps"))
        return self.answer(FlagDetail, get_object_or_404(rows, pk=pk))


REFUSALS = {409: ErrorBody, 422: ErrorBody}


class TakeFlag(OneFlag):
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="flags_take", request=None, parameters=[CLINIC_HEADER], responses={200: FlagDetail, 409: ErrorBody}
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Become the owner of a flag. Of two people who press at once, one gets 409 with the other's name."""
        follow_up.take(self.flag(pk), actor=request.user, now=request.now)
        return self.shown(pk)


class ContactFlag(OneFlag):
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="flags_contact",
        request=NewContact,
        parameters=[CLINIC_HEADER],
        responses={200: FlagDetail, **REFUSALS},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Record an attempt to reach the patient."""
        flag = self.flag(pk)
        follow_up.log_contact(flag, **self.given(NewContact), actor=request.user, now=request.now)
        return self.shown(pk)


class ResolveFlag(OneFlag):
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="flags_resolve",
        request=NewResolution,
        parameters=[CLINIC_HEADER],
        responses={200: FlagDetail, **REFUSALS},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Close a flag. Severity 1 and 2: a licensed therapist; 3: a therapist; 4 and 5: whoever sees the list."""
        flag = self.flag(pk)
        membership = membership_of(request)
        given = self.given(NewResolution)
        follow_up.resolve(flag, **given, membership=membership, actor=request.user, now=request.now)
        return self.shown(pk)


def flags_of(request: ApiRequest) -> PainFlagQuerySet:
    return PainFlag.objects.visible_to(request.user).of(clinic_of(request))


def rows_of(request: ApiRequest) -> PainFlagQuerySet:
    """With what FlagRow shows of others than the flag: names alone, for the rows they stand in are wide."""
    apart = Case(When(item__apart=True, then="item__side"), default=Value(""))
    named = flags_of(request).with_names().annotate(level_name=F("item__level__name"), side_apart=apart)
    return named.select_related("owner")
