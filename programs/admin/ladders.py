"""Gates and ladders: a ladder with its levels in order on one screen."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin import ByRole, ClinicModelAdmin, site
from clinic.requests import ClinicRequest
from programs.admin.exchange import Exchange
from programs.admin.ladder_forms import GateForm, LadderForm, LevelForm, LevelFormSet
from programs.admin.order import InOrder, OneMore
from programs.admin.parts import OfTheClinic
from programs.admin.pictures import Pictures, picture_line
from programs.admin.retiring import Retirable
from programs.lint import lint_alone
from programs.models import Gate, Ladder, Level, ProgramVersion
from programs.words import recorder_words


@admin.register(Gate, site=site)
class GateAdmin(ClinicModelAdmin):
    form = GateForm
    list_display = ("text", "code", "recorder")
    search_fields = ("text", "code")
    ordering = ("code",)

    @admin.display(description=gettext_lazy("who may record it"), ordering="recorded_by")
    def recorder(self, gate: Gate) -> str:
        return recorder_words(gate.recorded_by)


class LevelInline(OneMore, ByRole, admin.StackedInline[Level, Ladder]):
    model = Level
    form = LevelForm
    formset = LevelFormSet
    template = "admin/programs/levels.html"
    extra = 0
    ordering = ("position", "pk")
    verbose_name = gettext_lazy("level")
    verbose_name_plural = gettext_lazy("levels, from the easiest to the hardest")
    readonly_fields = ("own_picture",)
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
        (gettext_lazy("Picture"), {"classes": ("collapse",), "fields": ("own_picture", "drawing", "picture_text")}),
        (
            gettext_lazy("Equipment and more"),
            {
                "classes": ("collapse",),
                "fields": ("equipment", "optional_if_missing", "equal", "variants", "then", "notes", "seed"),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """A level sets one of the clinic's gates."""
        if db_field.name == "sets_gate":
            codes = Gate.objects.of(cast(ClinicRequest, request).clinic).order_by("code").values_list("code", flat=True)
            choices = [("", "---------"), *((code, code) for code in codes)]
            return forms.ChoiceField(label=db_field.verbose_name, choices=choices, required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("own picture"))
    def own_picture(self, level: Level) -> str:
        return picture_line(level)


@admin.register(Ladder, site=site)
class LadderAdmin(Exchange, Pictures, Retirable, InOrder, OfTheClinic, ClinicModelAdmin):
    change_form_template = "admin/programs/ladder.html"
    change_list_template = "admin/programs/ladders.html"
    form = LadderForm
    inlines = (LevelInline,)
    list_display = ("code", "title", "kind", "level_count", "in_use")
    list_display_links = ("code", "title")
    list_filter = ("kind", "region")
    search_fields = ("code", "title")
    ordering = ("code",)
    fieldsets = (
        (None, {"fields": ("code", "title", ("kind", "region"), "target")}),
        (
            gettext_lazy("What the patient reads"),
            {
                "classes": ("collapse",),
                "fields": ("setup", "movement", "how", "cues", "mistakes", "mistakes_from", "adjustments"),
            },
        ),
        (
            gettext_lazy("Safety"),
            {
                "classes": ("collapse",),
                "fields": (
                    "contraindications",
                    "contraindications_at",
                    "overridable",
                    "blocks",
                    "precautions",
                    "stop",
                    "independent_sides",
                ),
            },
        ),
        (
            gettext_lazy("What comes before"),
            {
                "classes": ("collapse",),
                "fields": ("requires_gates", "requires_ladder_level", "requires_equipment", "requires_any_of"),
            },
        ),
        (
            gettext_lazy("Equipment"),
            {
                "classes": ("collapse",),
                "fields": (
                    "equipment_all",
                    "equipment_any_of",
                    "equipment_options",
                    "equipment_alternatives",
                    "equipment_optional",
                ),
            },
        ),
        (
            gettext_lazy("Easing off"),
            {
                "classes": ("collapse",),
                "fields": (
                    "lighter",
                    ("regress_by", "regress_when"),
                    ("cramp_do", "cramp_counts"),
                    ("on_fault", "cease_if"),
                    "rule_24h",
                ),
            },
        ),
        (
            gettext_lazy("Notes and sources"),
            {"classes": ("collapse",), "fields": ("precaution_codes", "notes", "sources")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).annotate(levels_in_all=Count("levels"))
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A ladder says on its own page what lint finds."""
        ladder = self.get_object(request, object_id)
        found = {"findings": lint_alone(ladder)} if ladder else {}
        return super().change_view(request, object_id, form_url, {**found, **(extra_context or {})})

    @admin.display(description=gettext_lazy("in use"), boolean=True, ordering="retired_at")
    def in_use(self, ladder: Ladder) -> bool:
        return ladder.retired_at is None

    def consequences(self, row: Ladder) -> Iterator[str]:
        yield _("Programs that run with it go on: they hold copies of their own.")
        yield _("No program version can be published with it, and therapists no longer find it.")
        drafts = ProgramVersion.objects.filter(state=ProgramVersion.State.DRAFT, phases__items__ladder=row)
        if titles := sorted({str(draft) for draft in drafts}):
            yield _("These drafts use it and must do without: %(drafts)s.") % {"drafts": "; ".join(titles)}

    @admin.display(description=gettext_lazy("levels"), ordering="levels_in_all")
    def level_count(self, ladder: Any) -> int:
        return int(ladder.levels_in_all)
