"""Choosing a time zone, wherever it is asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clinic.zones import offered_zones

CHOSEN = SafeString(" selected")


class ZoneSelect(forms.Select):
    """Some four hundred options in one piece: a template for each took longer than the page around them."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        given = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        options = format_html_join(
            "\n",
            '  <option value="{}"{}>{}</option>',
            ((code, CHOSEN if code == value else "", words) for code, words in self.choices),
        )
        return format_html("<select{}>\n{}\n</select>", flatatt(given), options)


class ZoneField(forms.ChoiceField):
    widget = ZoneSelect

    def __init__(self, **given: Any) -> None:
        super().__init__(label=_("Time zone"), choices=_choices, **given)


def _choices() -> Iterator[tuple[str, str]]:
    return ((name, name.replace("_", " ")) for name in offered_zones())
