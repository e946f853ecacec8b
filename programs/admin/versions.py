"""Versions of a program: drafts to work on, published ones to look at, and the way from one to the other."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin import ByRole, ClinicModelAdmin, site
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from programs import publishing
from programs.admin.order import InOrder, OneMore
from programs.admin.parts import OfTheClinic, as_list
from programs.admin.version_forms import PhaseRowForm, PublishForm, VersionForm
from programs.differences import differences
from programs.models import Phase, ProgramVersion
from programs.models.template import VersionQuerySet
from programs.preview import preview
from programs.words import path_words, when_words

State = ProgramVersion.State


class PhaseInline(OneMore, ByRole, admin.TabularInline[Phase, ProgramVersion]):
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
class VersionAdmin(InOrder, OfTheClinic, ClinicModelAdmin):
    form = VersionForm
    inlines = (PhaseInline,)
    list_display = ("title", "number", "state", "published_at", "running")
    list_filter = ("state",)
    search_fields = ("title", "template__code")
    ordering = ("title", "-number")
    readonly_fields = ("state", "published_at", "publisher", "running", "change_note")
    publication: ClassVar[Any] = (
        gettext_lazy("Publication"),
        {"fields": ("state", "published_at", "publisher", "running", "change_note")},
    )
    fieldsets = (
        (None, {"fields": ("title", "for_whom", ("pain_policy", "max_active_items"), "education")}),
        (
            gettext_lazy("For whom it may be assigned"),
            {"fields": ("entry_slump", "entry_gates", "entry_exclude", "entry_equipment", "entry_trial")},
        ),
        (gettext_lazy("Ways through the program"), {"fields": ("blocked_ladders", "paths")}),
        publication,
    )
    frozen_fieldsets = (
        (None, {"fields": ("title", "for_whom", ("pain_policy", "max_active_items"), "advice")}),
        (gettext_lazy("For whom it may be assigned"), {"fields": ("who_may_begin", "blocked", "ways")}),
        publication,
    )
    change_form_template = "admin/programs/version.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = cast(VersionQuerySet, super().get_queryset(request))
        return found.with_running().select_related("template__clinic", "published_by")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.frozen_fieldsets if obj and obj.is_frozen else self.fieldsets

    @admin.display(description=gettext_lazy("advice"))
    def advice(self, version: ProgramVersion) -> SafeString | str:
        return as_list(version.education)

    @admin.display(description=gettext_lazy("who may begin"))
    def who_may_begin(self, version: ProgramVersion) -> SafeString | str:
        return as_list(when_words(version.entry))

    @admin.display(description=gettext_lazy("blocked ladders"))
    def blocked(self, version: ProgramVersion) -> SafeString | str:
        return as_list(version.blocked_ladders)

    @admin.display(description=gettext_lazy("paths chosen at assignment"))
    def ways(self, version: ProgramVersion) -> SafeString | str:
        return as_list(path_words(version.paths))

    @admin.display(description=gettext_lazy("programs that run on it"), ordering="running")
    def running(self, version: Any) -> int:
        return int(version.running)

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
                ("compare", self.compare),
            )
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A draft says on its own page what lint finds."""
        version = self.get_object(request, object_id)
        found = {"findings": _findings(version)} if version else {}
        return super().change_view(request, object_id, form_url, {**found, **(extra_context or {})})

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
        findings = _findings(version)
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
        context = {"parts": preview(version), "findings": _findings(version), "clinic": version.template.clinic}
        return self._page(
            request, "preview", version, _("“%(title)s”, version %(number)s, as a patient reads it"), context
        )

    def compare(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """This version beside another of its template: the one before it unless `with` names one."""
        version = get_object_or_404(self.get_queryset(request), pk=pk)
        others = list(ProgramVersion.objects.filter(template=version.template_id).exclude(pk=pk).order_by("-number"))
        earlier = [one for one in others if one.number < version.number] or others
        chosen = [one for one in others if str(one.pk) == request.GET.get("with")] or earlier
        before = chosen[0] if chosen else None
        everything = "all" in request.GET
        parts = differences(before, version) if before else []
        context = {
            "others": others,
            "before": before,
            "everything": everything,
            "parts": [part for part in parts if everything or part.differs],
        }
        return self._page(
            request, "compare", version, _("What is different in “%(title)s”, version %(number)s"), context
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


def _findings(version: ProgramVersion) -> list[publishing.Finding]:
    return [] if version.is_frozen else publishing.lint(version)


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
