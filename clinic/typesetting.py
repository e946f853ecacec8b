"""Words and pictures as a PDF, by typst. They travel as data: what somebody typed is text there and never markup."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst


def as_pdf(template: Path, words: Mapping[str, Any]) -> bytes:
    """`words`, which the template reads as `sys.inputs.words`, as PDF/UA; as a plain PDF where no font has a sign."""
    inputs = {"words": json.dumps(words, ensure_ascii=False)}
    try:
        return typst.compile(template, sys_inputs=inputs, pdf_standards="ua-1")
    except typst.TypstError:
        return typst.compile(template, sys_inputs=inputs)


def whole_svg(svg: str, style: str = "") -> str:
    """An SVG that stands in a page, as a document of its own: a page gives it namespace and colours."""
    head, rest = svg.strip().split(">", 1)
    head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{head}><style>{style}</style>{rest}"
