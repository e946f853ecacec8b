"""Templates: the lasting names of programs, with their versions."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.admin import ByRole, ClinicModelAdmin, site
from programs import publishing
from programs.admin.retiring import Retirable
from programs.admin.version_forms import TemplateForm
from programs.models import ProgramTemplate, ProgramVersion


class VersionInline(ByRole, admin.TabularInline[ProgramVersion, ProgramTemplate]):
    """The versions of a template, to look at and to open."""

    model = ProgramVersion
    fields = ("opens", "state", "published_at", "running", "change_note")
    readonly_fields = fields
    ordering = ("-number",)
    extra = 0
    can_delete = False
    verbose_name_plural = gettext_lazy("versions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return ProgramVersion.objects.with_running()

    @admin.display(description=gettext_lazy("version"))
    def opens(self, version: ProgramVersion) -> str:
        """The way to it. Django's own stands with the row's name, which only screen readers are told."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:programs_programversion_change", args=[version.pk]), version.number
        )

    @admin.display(description=gettext_lazy("programs that run on it"))
    def running(self, version: Any) -> int:
        return int(version.running)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ProgramTemplate, site=site)
class TemplateAdmin(Retirable, ClinicModelAdmin):
    change_form_template = "admin/programs/template.html"
    form = TemplateForm
    inlines = (VersionInline,)
    list_display = ("title", "code", "version_count", "in_use")
    search_fields = ("title", "code")
    ordering = ("title",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).annotate(versions_in_all=Count("versions"))
        return found

    @admin.display(description=gettext_lazy("in use"), boolean=True, ordering="retired_at")
    def in_use(self, template: ProgramTemplate) -> bool:
        return template.retired_at is None

    def consequences(self, row: ProgramTemplate) -> Iterator[str]:
        versions: Any = row.versions.with_running()
        running = sum(version.running for version in versions)
        text = ngettext(
            "%(count)s program runs on it and goes on as it is.",
            "%(count)s programs run on it and go on as they are.",
            running,
        )
        yield text % {"count": running}
        yield _("Nobody gets it any more, and nobody is moved to its newest version.")
        yield _("Its versions stay, to look at and to make a draft from.")

    @admin.display(description=gettext_lazy("versions"), ordering="versions_in_all")
    def version_count(self, template: Any) -> int:
        return int(template.versions_in_all)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """A new template starts with an empty draft to fill."""
        super().save_related(request, form, formsets, change)
        if not change:
            publishing.draft_from(form.instance, actor=request.user, now=request.now)
