"""The pictures of exercises for paper, as documents of their own: in black and greys, whatever the screen shows."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from clinic.typesetting import whole_svg
from programs.models import LevelVersion, Picture
from programs.pictures import PICTURE
from programs.templatetags.picture import picture

INK = (
    ".drawing { fill: none; stroke-linecap: round; stroke-linejoin: round; }"
    " .floor { stroke: #999; stroke-width: 1.5; }"
    " .pose path { stroke: #000; stroke-width: 6; } .pose circle { fill: #000; }"
    " .ghost path { stroke: #bbb; stroke-width: 6; } .ghost circle { fill: #bbb; }"
    " .kit { fill: #eee; stroke: #444; stroke-width: 2; } .ghost-kit { fill: none; stroke: #bbb; }"
    " .kit-line { stroke: #444; stroke-width: 3; } .way { stroke: #777; stroke-width: 3; }"
)


def pictures_of(levels: Iterable[LevelVersion]) -> dict[str, dict[str, str]]:
    """By the id of the level, where it has a picture: `svg`, and `text` for who cannot see it. One query."""
    all_levels = list(levels)
    brought = [own["id"] for level in all_levels if (own := _own(level))]
    files = {str(one.pk): one for one in Picture.objects.filter(pk__in=brought)} if brought else {}
    found = {}
    for level in all_levels:
        svg = _photo(level, files) if _own(level) else whole_svg(drawn, INK) if (drawn := picture(level)) else ""
        if svg:
            found[str(level.pk)] = {"svg": svg, "text": _text(level)}
    return found


def _own(level: LevelVersion) -> dict[str, Any]:
    """What a trainer brought for the level; empty if nothing."""
    return dict(level.content.get("details", {}).get(PICTURE, {}))


def _text(level: LevelVersion) -> str:
    details = level.content.get("details", {})
    return str(_own(level).get("text") or details.get("picture_text") or level.name)


def _photo(level: LevelVersion, files: dict[str, Picture]) -> str:
    """Empty where the file is gone, as a page then shows the words alone."""
    own = _own(level)
    try:
        with files[own["id"]].file.open("rb") as file:
            data = b64encode(file.read()).decode()
    except (KeyError, FileNotFoundError):
        return ""
    size = f'width="{own["width"]}" height="{own["height"]}"'
    image = f'<image href="data:image/webp;base64,{data}" {size}/>'
    return whole_svg(f'<svg viewBox="0 0 {own["width"]} {own["height"]}">{image}</svg>')
