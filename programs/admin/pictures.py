"""The page on which a trainer brings a picture for a level, or takes it away."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from programs.models import Level
from programs.pictures import MOST_TEXT, PICTURE, remove_picture, set_picture
from programs.templatetags.picture import own_picture


class PictureForm(VerbForm):
    file = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 8 MB and 25 million pixels."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "aria-describedby": "file-rule"}),
    )
    text = forms.CharField(
        label=gettext_lazy("What it shows"),
        help_text=gettext_lazy("Read out to those who cannot see it."),
        max_length=MOST_TEXT,
        widget=forms.TextInput(attrs={"class": "vTextField", "aria-describedby": "text-rule"}),
    )


class Pictures:
    """Adds `levels/<level>/picture/` to the ladder admin."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.picture)
        own = path("levels/<uuid:pk>/picture/", view, name="programs_level_picture")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def picture(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        here = cast(ClinicRequest, request)
        found = Level.objects.visible_to(here.user).of(here.clinic).select_related("ladder")
        level = get_object_or_404(found, pk=pk)
        if request.method == "POST" and "_remove" in request.POST:
            remove_picture(level, actor=here.user, now=here.now)
            return _back(request, level, _("The picture is taken away. Published versions keep it."))
        own = level.details.get(PICTURE, {})
        form = PictureForm(request.POST or None, request.FILES or None, initial={"text": own.get("text", "")})
        if request.method == "POST" and form.is_valid():
            try:
                set_picture(level, **form.cleaned_data, actor=here.user, now=here.now)
                return _back(request, level, _("The picture is kept. Patients see it from the next version on."))
            except Refused as refusal:
                form.show(refusal)
        title = _("Picture of %(level)s") % {"level": level}
        shared = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, "admin/programs/picture.html", {**shared, "level": level, "form": form})


def _back(request: HttpRequest, level: Level, said: str) -> HttpResponse:
    messages.success(request, said)
    ladder = reverse("admin:programs_ladder_change", args=[level.ladder_id])
    return HttpResponseRedirect(f"{ladder}#{level.pk}")


def picture_line(level: Level) -> SafeString | str:
    """The picture among the fields of its level, and the way to its page."""
    if level._state.adding:
        return _("Save the level first.")
    words = _("Change it or take it away") if PICTURE in level.details else _("Bring a picture")
    address = reverse("admin:programs_level_picture", args=[level.pk])
    shown = own_picture(level.details)
    return format_html('{}<a href="{}">{}<span class="visually-hidden">: {}</span></a>', shown, address, words, level)
