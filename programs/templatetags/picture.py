"""The picture of a level: what a trainer brought for it, else a drawing: the one chosen, its own or its ladder's."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.templatetags.looks import drawing
from programs.drawings import NO_DRAWING
from programs.models import LevelVersion
from programs.pictures import PICTURE

register = template.Library()


@register.simple_tag
def picture(level: LevelVersion) -> SafeString:
    """With words for those who cannot see it; empty if there is none."""
    details = level.content.get("details", {})
    if PICTURE in details:
        return own_picture(details)
    chosen = details.get("drawing") or level.code
    return SafeString("") if chosen == NO_DRAWING else drawing(chosen, details.get("picture_text") or level.name)


@register.simple_tag
def own_picture(details: Mapping[str, Any]) -> SafeString:
    """What a trainer brought for the level with these `details`; empty if nothing."""
    if PICTURE not in details:
        return SafeString("")
    own = details[PICTURE]
    return format_html(
        '<img class="photo" src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
        reverse("programs:picture", args=[own["id"]]),
        own["text"],
        own["width"],
        own["height"],
    )
