"""Retiring a ladder or a template, and bringing it back: what then happens is said before it is done."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from clinic.requests import ClinicRequest
from programs import retiring


class Retirable:
    """A ModelAdmin with a page `retire/` for each row. `consequences` are the sentences of that page."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_retire"
        own = path("<uuid:pk>/retire/", self.admin_site.admin_view(self.retire), name=name)
        return [own, *super().get_urls()]  # type: ignore[misc]

    def consequences(self, row: Any) -> Iterable[str]:
        raise NotImplementedError

    def retire(self, request: HttpRequest, pk: Any) -> HttpResponse:
        here = cast(ClinicRequest, request)
        row = get_object_or_404(self.get_queryset(request), pk=pk)  # type: ignore[attr-defined]
        if request.method == "POST":
            if row.retired_at is None:
                retiring.take_out_of_use(row, actor=here.user, now=here.now)
                messages.success(request, _("Retired. It can be brought back at any time."))
            else:
                retiring.bring_back(row, actor=here.user, now=here.now)
                messages.success(request, _("It is back in use."))
            return HttpResponseRedirect(reverse(f"admin:programs_{self.opts.model_name}_change", args=[row.pk]))
        title = _("Retire “%(name)s”") if row.retired_at is None else _("Bring back “%(name)s”")
        context = {
            **self.admin_site.each_context(request),
            "title": title % {"name": row},
            "row": row,
            "consequences": list(self.consequences(row)) if row.retired_at is None else [],
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/programs/retire_row.html", context)
