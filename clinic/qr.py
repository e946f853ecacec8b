"""An address as a square that the camera of a phone reads."""

from functools import lru_cache

import segno

QUIET = 4  # squares of white all round, which cameras need (ISO/IEC 18004)


@lru_cache(maxsize=8)
def as_svg(address: str) -> str:
    """Dark on white whatever the page's colours are: an SVG without styles of its own, to stand in a page."""
    # Error correction M: what a crease or a coffee stain takes from a printed sheet may be 15 %.
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(border=QUIET, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True))
