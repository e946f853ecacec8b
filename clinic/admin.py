"""The stock admin, closed by roles: for those who keep the library. It knows no patient and no permission tables."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import audit
from clinic.access import ScopedQuerySet, can_edit_library
from clinic.models import AuditEntry, User
from clinic.requests import ClinicRequest

# Signing in, passwords and the way to a page of another door are the house's own affair.
NOT_HERE = {"password_change", "password_change_done", "view_on_site"}
HISTORY_ROWS = 100
View = TypeVar("View", bound=Callable[..., Any])


class LibrarySite(admin.AdminSite):
    """Open to trainers and owners of the active clinic. Others are told so; strangers are sent to the sign-in page."""

    site_header = gettext_lazy("Stepwell library")
    site_title = gettext_lazy("Stepwell library")
    index_title = gettext_lazy("The exercise library")
    index_template = "admin/library_index.html"
    site_url = None

    def has_permission(self, request: HttpRequest) -> bool:
        return can_edit_library(getattr(request, "membership", None))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        stock = super().admin_view(view, cacheable)

        def closed(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not self.has_permission(request):
                raise PermissionDenied
            return stock(request, *args, **kwargs)

        return cast(View, closed)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [route for route in super().get_urls() if getattr(route, "name", None) not in NOT_HERE]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect_to_login(request.GET.get("next") or "/admin/", settings.LOGIN_URL)


site = LibrarySite(name="admin")


class ByRole:
    """Permissions of a ModelAdmin or an inline from the active membership, and never from Django's own tables."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_edit_library(getattr(request, "membership", None))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return can_edit_library(getattr(request, "membership", None))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return can_edit_library(getattr(request, "membership", None))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return can_edit_library(getattr(request, "membership", None))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return can_edit_library(getattr(request, "membership", None))


class ClinicModelAdmin(ByRole, admin.ModelAdmin[Any]):
    """Shows what belongs to the active clinic and is visible to its reader; every change is noted for the audit."""

    actions = None
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = cast(ScopedQuerySet[Any], super().get_queryset(request))
        return found.visible_to(cast(User, request.user)).of(cast(ClinicRequest, request).clinic)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Under the name of its kind; what one may do with it is seen."""
        words = {"title": capfirst(self.opts.verbose_name)} if object_id else {}
        return super().changeform_view(request, object_id, form_url, words | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        if not change and hasattr(obj, "clinic_id"):
            obj.clinic_id = cast(ClinicRequest, request).clinic.pk
        super().save_model(request, obj, form, change)

    # Django keeps a log of its own with the text of every object: ours holds ids only, and one is enough.

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return self._note("add", request, obj)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return self._note("change", request, obj) if message else None

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return [self._note("delete", request, obj) for obj in queryset]

    def _note(self, verb: str, request: HttpRequest, obj: Model) -> AuditEntry:
        here = cast(ClinicRequest, request)
        name = f"{verb}_{obj._meta.model_name}"
        return audit.note(name, obj, clinic=here.clinic, actor=here.user, now=here.now)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed this and when, from the audit trail."""
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            return cast(HttpResponse, self._get_obj_does_not_exist_redirect(request, self.opts, object_id))  # type: ignore[attr-defined]
        entries = AuditEntry.objects.filter(object_id=obj.pk, clinic=cast(ClinicRequest, request).clinic)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What happened to “%(object)s”") % {"object": obj},
            "entries": entries.select_related("actor").order_by("-at", "-pk")[:HISTORY_ROWS],
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/audit_history.html", context)
