"""Files as trainers bring them."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def a_photo(
    kind: str = "JPEG", *, size: tuple[int, int] = (60, 40), colour: Any = "teal", mode: str = "RGB", **more: Any
) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, kind, **more)
    return written.getvalue()


def a_file(content: bytes | None = None, name: str = "bridge.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_photo() if content is None else content)
