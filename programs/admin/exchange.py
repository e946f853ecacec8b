"""The library in files: out as YAML or CSV; in as an upload that is looked at dry before anything is brought in."""

from dataclasses import dataclass
from pathlib import PurePath
from types import ModuleType
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.plain_errors import PlainErrors
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from programs import level_sheet, library_export, library_file, loading
from programs.entries import BadLibrary
from programs.loading import Compared, Fate

MOST_BYTES = 512 * 1024  # the shipped library has 40 kB
LOOK_SECONDS = 3600
SALT = "programs.exchange"


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be made of an uploaded file: read, compare with the clinic, bring in."""

    read: Any
    verbs: ModuleType
    ticked: bool  # a sheet is uploaded to change levels; a library, first of all, to get what is new


KINDS = {
    ".yaml": Kind(library_file.read_text, loading, ticked=False),
    ".yml": Kind(library_file.read_text, loading, ticked=False),
    ".csv": Kind(level_sheet.read, level_sheet, ticked=True),
}


class UploadForm(PlainErrors, forms.Form):
    file = forms.FileField(
        label=gettext_lazy("YAML or CSV file"),
        help_text=gettext_lazy("At most 512 kB. Nothing is changed yet."),
        error_messages={"required": gettext_lazy("Choose a file first: one that ends in .yaml or .csv.")},
    )

    def clean_file(self) -> dict[str, str]:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            text = _("%(size)s kB: a file may have %(most)s kB at most.")
            raise ValidationError(text % {"size": file.size // 1024, "most": MOST_BYTES // 1024})
        name = PurePath(file.name).name[:80]
        if PurePath(name).suffix.lower() not in KINDS:
            raise ValidationError(_("“%(name)s” must end in .yaml or .csv.") % {"name": name})
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            text = "\x00"
        if "\x00" in text:
            raise ValidationError(_("“%(name)s” is not text in UTF-8.") % {"name": name})
        return {"name": name, "text": text}


class Exchange:
    """Pages of the ladder admin: `exchange/`, and the two files it gives out."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"exchange/{address}", self.admin_site.admin_view(view), name=f"programs_ladder_{name}")
            for address, name, view in (
                ("", "exchange", self.exchange),
                ("library.yaml", "yaml", self.as_yaml),
                ("levels.csv", "csv", self.as_csv),
            )
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def as_yaml(self, request: HttpRequest) -> HttpResponse:
        clinic = cast(ClinicRequest, request).clinic
        return _download(library_export.library_text(clinic), f"{clinic.slug}-library.yaml", "application/yaml")

    def as_csv(self, request: HttpRequest) -> HttpResponse:
        clinic = cast(ClinicRequest, request).clinic
        # The mark at the start tells a spreadsheet that this is UTF-8.
        return _download("\ufeff" + level_sheet.sheet_text(clinic), f"{clinic.slug}-levels.csv", "text/csv")

    def exchange(self, request: HttpRequest) -> HttpResponse:
        """The export links and the upload; an uploaded file is shown dry; a file looked at is brought in."""
        if request.method == "POST" and "looked_at" in request.POST:
            return self._bring_in(cast(ClinicRequest, request))
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                return self._look(cast(ClinicRequest, request), **file)
            except BadLibrary as refusal:
                form.add_error("file", str(refusal))
        context = {"form": form, "unreadable": _unreadable(cast(ClinicRequest, request))}
        return self._draw(request, "exchange", _("The library in files"), context)

    def _look(self, request: ClinicRequest, *, name: str, text: str) -> HttpResponse:
        kind = _kind(name)
        compared = kind.verbs.compare(request.clinic, kind.read(text, name=name))
        context = {
            "looked_at": signing.dumps({"name": name, "text": text}, salt=SALT, compress=True),
            "name": name,
            "ticked": kind.ticked,
            **{fate.value: _of(compared, fate) for fate in Fate},
        }
        return self._draw(request, "exchange_look", _("What “%(name)s” would bring") % {"name": name}, context)

    def _bring_in(self, request: ClinicRequest) -> HttpResponse:
        try:
            file = signing.loads(request.POST["looked_at"], salt=SALT, max_age=LOOK_SECONDS)
        except signing.BadSignature:
            messages.error(request, _("That look is over an hour old. Choose the file again."))
            return HttpResponseRedirect(reverse("admin:programs_ladder_exchange"))
        kind = _kind(file["name"])
        try:
            content = kind.read(file["text"], name=file["name"])
            chosen = request.POST.getlist("replace")
            loaded = kind.verbs.bring_in(request.clinic, content, replace=chosen, actor=request.user, now=request.now)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:programs_ladder_exchange"))
        messages.success(request, _said(loaded))
        return HttpResponseRedirect(reverse("admin:programs_ladder_changelist"))

    def _draw(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"admin/programs/{name}.html", {**shared, **context})


def _kind(name: str) -> Kind:
    return KINDS[PurePath(name).suffix.lower()]


def _of(compared: list[Compared], fate: Fate) -> list[Compared]:
    return [one for one in compared if one.fate is fate]


def _unreadable(request: ClinicRequest) -> str:
    """Why this clinic's own export could not be read back, such as a gate that is named and not there."""
    try:
        library_file.read_text(library_export.library_text(request.clinic), name=f"{request.clinic.slug}-library.yaml")
    except BadLibrary as fault:
        return f"{fault.where}: {fault.why}."
    return ""


def _said(loaded: loading.Loaded) -> str:
    words = {
        "gates": loaded.gates,
        "ladders": loaded.ladders,
        "templates": loaded.templates,
        "replaced": len(loaded.replaced),
    }
    text = _(
        "Brought in: %(gates)s new gates, %(ladders)s new ladders, %(templates)s new templates; %(replaced)s replaced."
    )
    drafts = _("Templates are drafts: look at them and publish them. No running program has changed.")
    return f"{text % words} {drafts}"


def _download(text: str, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{content_type}; charset=utf-8", headers=headers)
