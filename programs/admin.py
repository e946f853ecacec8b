"""The library in the stock admin: trainers edit ladders and drafts, preview, publish and retire."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Count, Model, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin import ByRole, ClinicModelAdmin, site
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from programs import publishing
from programs.forms import (
    GateForm,
    LadderForm,
    LevelForm,
    PhaseForm,
    PhaseItemForm,
    PhaseRowForm,
    PublishForm,
    TemplateForm,
    VersionForm,
)
from programs.models import Gate, Ladder, Level, Phase, PhaseItem, ProgramTemplate, ProgramVersion
from programs.preview import preview

State = ProgramVersion.State


def put_in_order(formset: BaseInlineFormSet[Any, Any, Any]) -> None:
    """Number the saved rows 1, 2, 3 …: a row given a taken place stands before it when moved up, else after it."""
    moved = {}
    for form in formset.forms:
        before, after = form.initial.get("position"), form.instance.position
        moved[form.instance.pk] = 1 if before is None else (after > before) - (after < before)
    siblings = cast(type[Model], formset.model)._default_manager
    rows: list[Any] = list(siblings.filter(**{formset.fk.name: formset.instance}))
    rows.sort(key=lambda row: (row.position, moved.get(row.pk, 0), row.pk))
    for position, row in enumerate(rows, start=1):
        row.position = position
    siblings.bulk_update(rows, ["position"])


class InOrder:
    """A page whose inline rows have places: they are numbered anew when it is saved."""

    def save_formset(
        self, request: HttpRequest, form: ModelForm[Any], formset: BaseInlineFormSet[Any, Any, Any], change: bool
    ) -> None:
        formset.save()
        put_in_order(formset)


RECORDERS: dict[str, Promise] = {
    "log": gettext_lazy("the patient's log"),
    "log_plus_therapist": gettext_lazy("the log, then a therapist"),
    "therapist": gettext_lazy("a therapist"),
    "therapist_or_self": gettext_lazy("a therapist or the patient"),
    "therapist_or_video": gettext_lazy("a therapist, also from a video"),
}


@admin.register(Gate, site=site)
class GateAdmin(ClinicModelAdmin):
    form = GateForm
    list_display = ("text", "code", "recorder")
    search_fields = ("text", "code")
    ordering = ("code",)

    @admin.display(description=gettext_lazy("who may record it"), ordering="recorded_by")
    def recorder(self, gate: Gate) -> str:
        return str(RECORDERS.get(gate.recorded_by, gate.recorded_by.replace("_", " ")))


class LevelInline(ByRole, admin.StackedInline[Level, Ladder]):
    model = Level
    form = LevelForm
    extra = 0
    ordering = ("position", "pk")
    verbose_name = gettext_lazy("level")
    verbose_name_plural = gettext_lazy("levels, from the easiest to the hardest")
    fieldsets = (
        (None, {"fields": (("position", "code", "name"), ("sides", "mode", "terminal"))}),
        (
            gettext_lazy("Dose"),
            {
                "fields": (
                    ("sets", "sets_max"),
                    ("reps_low", "reps_high"),
                    ("seconds_low", "seconds_high"),
                    ("hold_s", "tempo", "rest_s"),
                    ("per_day_low", "per_day_high"),
                    ("per_week_low", "per_week_high"),
                )
            },
        ),
        (
            gettext_lazy("Load"),
            {
                "classes": ("collapse",),
                "fields": (("load_unit", "load_start", "load_min_step"), "load_step_pct", "method"),
            },
        ),
        (
            gettext_lazy("Moving on"),
            {
                "classes": ("collapse",),
                "fields": (("successes", "min_days", "approval"), "sets_gate", "requires_gates"),
            },
        ),
        (
            gettext_lazy("Equipment and more"),
            {"classes": ("collapse",), "fields": ("equipment", "optional_if_missing", "details", "seed")},
        ),
    )

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """A level sets one of the clinic's gates."""
        if db_field.name == "sets_gate":
            codes = Gate.objects.of(cast(ClinicRequest, request).clinic).order_by("code").values_list("code", flat=True)
            choices = [("", "---------"), *((code, code) for code in codes)]
            return forms.ChoiceField(label=db_field.verbose_name, choices=choices, required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Ladder, site=site)
class LadderAdmin(InOrder, ClinicModelAdmin):
    form = LadderForm
    inlines = (LevelInline,)
    list_display = ("code", "title", "kind", "level_count")
    list_display_links = ("code", "title")
    list_filter = ("kind", "region")
    search_fields = ("code", "title")
    ordering = ("code",)
    fieldsets = (
        (None, {"fields": (("code", "title"), ("kind", "region"), "target")}),
        (gettext_lazy("What the patient reads"), {"fields": ("setup", "movement", "how", "cues", "mistakes")}),
        (gettext_lazy("Safety"), {"fields": ("contraindications", "precautions", "blocks", "requires", "details")}),
        (gettext_lazy("Dose and equipment"), {"fields": ("adjustments", "lighter", "equipment")}),
        (gettext_lazy("Sources"), {"classes": ("collapse",), "fields": ("sources",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).annotate(levels_in_all=Count("levels"))
        return found

    @admin.display(description=gettext_lazy("levels"), ordering="levels_in_all")
    def level_count(self, ladder: Any) -> int:
        return int(ladder.levels_in_all)


class VersionInline(ByRole, admin.TabularInline[ProgramVersion, ProgramTemplate]):
    """The versions of a template, to look at and to open."""

    model = ProgramVersion
    fields = ("number", "state", "published_at", "change_note")
    readonly_fields = fields
    ordering = ("-number",)
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural = gettext_lazy("versions")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ProgramTemplate, site=site)
class TemplateAdmin(ClinicModelAdmin):
    form = TemplateForm
    inlines = (VersionInline,)
    list_display = ("title", "code", "version_count")
    search_fields = ("title", "code")
    ordering = ("title",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).annotate(versions_in_all=Count("versions"))
        return found

    @admin.display(description=gettext_lazy("versions"), ordering="versions_in_all")
    def version_count(self, template: Any) -> int:
        return int(template.versions_in_all)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """A new template starts with an empty draft to fill."""
        super().save_related(request, form, formsets, change)
        if not change:
            publishing.draft_from(form.instance, actor=request.user, now=request.now)


class PhaseInline(ByRole, admin.TabularInline[Phase, ProgramVersion]):
    model = Phase
    form = PhaseRowForm
    fields = ("position", "name", "path", "day_from", "day_to", "choose_max", "exercises")
    readonly_fields = ("exercises",)
    ordering = ("position", "pk")
    extra = 0
    verbose_name_plural = gettext_lazy("phases")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Phase]:
        return super().get_queryset(request).prefetch_related("items__ladder")

    @admin.display(description=gettext_lazy("exercises and exit"))
    def exercises(self, phase: Phase) -> str | SafeString:
        if phase._state.adding:
            return _("save first")
        items = sorted(phase.items.all(), key=lambda item: (item.position, item.pk))
        codes = ", ".join(item.ladder.code for item in items) or _("none yet")
        return format_html('<a href="{}">{}</a>', reverse("admin:programs_phase_change", args=[phase.pk]), codes)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and (obj is None or not obj.is_frozen)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (obj is None or not obj.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(ProgramVersion, site=site)
class VersionAdmin(InOrder, ClinicModelAdmin):
    form = VersionForm
    inlines = (PhaseInline,)
    list_display = ("title", "number", "state", "published_at")
    list_filter = ("state",)
    search_fields = ("title", "template__code")
    ordering = ("title", "-number")
    readonly_fields = ("state", "published_at", "publisher", "change_note")
    fieldsets = (
        (None, {"fields": ("title", "for_whom", ("pain_policy", "max_active_items"), "education")}),
        (gettext_lazy("For whom it may be assigned"), {"fields": ("entry", "blocked_ladders", "paths")}),
        (gettext_lazy("Publication"), {"fields": ("state", "published_at", "publisher", "change_note")}),
    )
    change_form_template = "admin/programs/version.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("template__clinic", "published_by")

    @admin.display(description=gettext_lazy("published by"))
    def publisher(self, version: ProgramVersion) -> str:
        return version.published_by.get_full_name() if version.published_by else "–"

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # a draft is made from a template or from another version

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (obj is None or not obj.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request) and obj is not None and not obj.is_frozen

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"programs_programversion_{name}")
            for name, view in (
                ("publish", self.publish),
                ("draft", self.draft),
                ("retire", self.retire),
                ("preview", self.preview),
            )
        ]
        return [*own, *super().get_urls()]

    def publish(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Shows what lint says and asks for the change note; on POST freezes the draft."""
        here = cast(ClinicRequest, request)
        version = get_object_or_404(self.get_queryset(request), pk=pk)
        form = PublishForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            note = form.cleaned_data["change_note"]
            done = _attempt(
                request,
                lambda: publishing.publish_version(version, change_note=note, actor=here.user, now=here.now),
                _("Published. Running programs keep their version."),
            )
            if done:
                return _to_version(done)
        findings = [] if version.is_frozen else publishing.lint(version)
        context = {"form": form, "findings": findings, "stopped": any(finding.is_error for finding in findings)}
        return self._page(request, "publish", version, _("Publish “%(title)s”, version %(number)s"), context)

    def draft(self, request: HttpRequest, pk: Any) -> HttpResponse:
        here = cast(ClinicRequest, request)
        version = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method == "POST":
            done = _attempt(
                request,
                lambda: publishing.draft_from(version, actor=here.user, now=here.now),
                _("This is the new draft. Change it, then publish it."),
            )
            return _to_version(done or _draft_beside(version) or version)
        return self._page(request, "draft", version, _("New draft from “%(title)s”, version %(number)s"), {})

    def retire(self, request: HttpRequest, pk: Any) -> HttpResponse:
        here = cast(ClinicRequest, request)
        version = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method == "POST":
            _attempt(
                request,
                lambda: publishing.retire(version, actor=here.user, now=here.now),
                _("Retired. No new patient gets this version; running programs go on."),
            )
            return _to_version(version)
        return self._page(request, "retire", version, _("Retire “%(title)s”, version %(number)s"), {})

    def preview(self, request: HttpRequest, pk: Any) -> HttpResponse:
        version = get_object_or_404(self.get_queryset(request), pk=pk)
        context = {"parts": preview(version), "clinic": version.template.clinic}
        return self._page(
            request, "preview", version, _("“%(title)s”, version %(number)s, as a patient reads it"), context
        )

    def _page(
        self, request: HttpRequest, name: str, version: ProgramVersion, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request),
            "title": title % {"title": version.title, "number": version.number},
            "version": version,
            "opts": self.opts,
        }
        return TemplateResponse(request, f"admin/programs/{name}.html", {**shared, **context})


def _attempt(request: HttpRequest, verb: Callable[[], ProgramVersion], success: str) -> ProgramVersion | None:
    try:
        done = verb()
    except Refused as refusal:
        messages.error(request, " ".join([str(refusal), *refusal.errors.values()]))
        return None
    messages.success(request, success)
    return done


def _to_version(version: ProgramVersion) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:programs_programversion_change", args=[version.pk]))


def _draft_beside(version: ProgramVersion) -> ProgramVersion | None:
    return ProgramVersion.objects.filter(template=version.template_id, state=State.DRAFT).first()


class ItemInline(ByRole, admin.TabularInline[PhaseItem, Phase]):
    model = PhaseItem
    form = PhaseItemForm
    fields = ("position", "ladder", "start_code", "cap_code", "from_day")
    ordering = ("position", "pk")
    extra = 1
    verbose_name = gettext_lazy("exercise")
    verbose_name_plural = gettext_lazy("exercises")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PhaseItem]:
        return super().get_queryset(request).select_related("ladder", "phase__version")

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Ladders and levels of this clinic, read once for all rows."""
        clinic = cast(ClinicRequest, request).clinic
        if db_field.name == "ladder":
            ladders = Ladder.objects.of(clinic).filter(retired_at=None).order_by("code")
            found = forms.ModelChoiceField(ladders, label=_("ladder"))
            found.choices = list(cast(Any, found.choices))
            return found
        if db_field.name in ("start_code", "cap_code"):
            needed = not db_field.blank
            return forms.ChoiceField(label=db_field.verbose_name, choices=_level_choices(request), required=needed)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and (obj is None or not obj.version.is_frozen)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (obj is None or not obj.version.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


def _level_choices(request: HttpRequest) -> list[tuple[str, Any]]:
    levels = Level.objects.filter(ladder__clinic=cast(ClinicRequest, request).clinic).select_related("ladder")
    groups: dict[str, list[tuple[str, str]]] = {}
    for level in levels.order_by("ladder__code", "position", "pk"):
        groups.setdefault(str(level.ladder), []).append((level.code, str(level)))
    return [("", "---------"), *groups.items()]


@admin.register(Phase, site=site)
class PhaseAdmin(InOrder, ClinicModelAdmin):
    """Reached from its version: the exercises of a phase and what ends it."""

    form = PhaseForm
    inlines = (ItemInline,)
    fields = (("name", "path"), ("day_from", "day_to", "choose_max"), "exit")
    change_form_template = "admin/programs/phase.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("version")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (obj is None or not obj.version.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_post_save_change(self, request: HttpRequest, obj: Phase) -> HttpResponseRedirect:
        return cast(HttpResponseRedirect, _to_version(obj.version))
