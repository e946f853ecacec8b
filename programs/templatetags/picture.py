"""The drawing of a level: the one a trainer chose for it, else its own or its ladder's."""

from django import template
from django.utils.safestring import SafeString

from clinic.templatetags.looks import drawing
from programs.drawings import NO_DRAWING
from programs.models import LevelVersion

register = template.Library()


@register.simple_tag
def picture(level: LevelVersion) -> SafeString:
    """With words for those who cannot see it; empty if nothing is drawn."""
    details = level.content.get("details", {})
    chosen = details.get("drawing") or level.code
    return SafeString("") if chosen == NO_DRAWING else drawing(chosen, details.get("picture_text") or level.name)
