"""Phases, reached from their version: the exercises and what ends it."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin import ByRole, ClinicModelAdmin, site
from clinic.requests import ClinicRequest
from programs.admin.order import InOrder
from programs.admin.parts import NONE, OfTheClinic, as_list, level_choices
from programs.admin.version_forms import PhaseForm, PhaseItemForm
from programs.models import Ladder, Phase, PhaseItem
from programs.words import exit_words


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
            return forms.ChoiceField(
                label=db_field.verbose_name, choices=[NONE, *level_choices(clinic)], required=needed
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and (obj is None or not obj.version.is_frozen)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (obj is None or not obj.version.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Phase, site=site)
class PhaseAdmin(InOrder, OfTheClinic, ClinicModelAdmin):
    """Reached from its version: the exercises of a phase and what ends it."""

    form = PhaseForm
    inlines = (ItemInline,)
    fields = (("name", "path"), ("day_from", "day_to", "choose_max"), "exit")
    frozen_fields = (("name", "path"), ("day_from", "day_to", "choose_max"), "ends_when")
    change_form_template = "admin/programs/phase.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("version")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.frozen_fields if obj and obj.version.is_frozen else self.fields

    @admin.display(description=gettext_lazy("it ends when"))
    def ends_when(self, phase: Phase) -> SafeString | str:
        return as_list(exit_words(phase.exit))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (obj is None or not obj.version.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_post_save_change(self, request: HttpRequest, obj: Phase) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:programs_programversion_change", args=[obj.version_id]))
