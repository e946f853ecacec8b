"""Pictures that trainers bring for a level: read by their content, drawn anew without a word of the camera's, kept.

A level names its picture in `details`, and so does every frozen copy of it: a new picture is a new row and a new file,
and a running program goes on showing the old one.
"""

import io
from datetime import datetime
from typing import IO, Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from programs.models import Level, Picture

PICTURE = "picture"  # in `details` of a level: id, width and height in pixels, text, at
KINDS = ("JPEG", "PNG", "WEBP")
MIB = 1024 * 1024
MOST_BYTES = 8 * MIB
MOST_PIXELS = 25_000_000  # phones take 12 or 24 million; 25 need 250 MB for a moment
SIDE = 1200  # pixels: sharp on the width of any phone, about 100 kB
QUALITY = 80
MOST_TEXT = 240


def set_picture(level: Level, *, file: IO[bytes], text: str, actor: User, now: datetime) -> Level:
    """Give `level` the picture in `file`, with words for those who cannot see it.

    Raises Refused, naming `file` and `text`: no picture, too big, a moving one; no words, or too many.
    """
    errors: dict[str, str] = {}
    if not 1 <= len(text := text.strip()) <= MOST_TEXT:
        words = {"most": MOST_TEXT, "count": len(text)}
        errors["text"] = _("Say what it shows in 1 to %(most)s characters: these are %(count)s.") % words
    try:
        drawn, width, height = _drawn_anew(file)
    except Refused as refusal:
        errors["file"] = str(refusal)
    if errors:
        raise Refused(_("The level has no new picture."), errors)
    with transaction.atomic():
        picture = Picture(clinic_id=level.ladder.clinic_id, brought_at=now)
        picture.file.save("picture.webp", ContentFile(drawn), save=False)
        picture.save()
        own = {"id": str(picture.pk), "width": width, "height": height, "text": text, "at": now.isoformat()}
        return _keep(level, own, "set_picture", actor=actor, now=now)


@transaction.atomic
def remove_picture(level: Level, *, actor: User, now: datetime) -> Level:
    """The level shows its drawing again. The picture stays where a published version shows it. Twice is once."""
    return _keep(level, None, "remove_picture", actor=actor, now=now)


def _keep(level: Level, own: dict[str, Any] | None, verb: str, *, actor: User, now: datetime) -> Level:
    """Another trainer may be editing the same level: only this one entry of it changes."""
    current = Level.objects.select_for_update().get(pk=level.pk)
    others = {key: value for key, value in current.details.items() if key != PICTURE}
    level.details = others | ({PICTURE: own} if own else {})
    if level.details != current.details:
        level.save(update_fields=["details"])
        audit.note(verb, level, clinic=level.ladder.clinic_id, actor=actor, now=now)
    return level


def _drawn_anew(file: IO[bytes]) -> tuple[bytes, int, int]:
    """A WebP of bounded size: bytes, width, height. Raises Refused with the reason, the value and the rule."""
    # Not at the top: workers, ticks and commands load this module too, and never read a picture.
    from PIL import Image, ImageOps  # noqa: PLC0415

    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused(_("It has more than %(most)s MB, which is the most.") % {"most": MOST_BYTES // MIB})
    try:
        with Image.open(io.BytesIO(data), formats=KINDS) as found:
            _check(*found.size, frames=getattr(found, "n_frames", 1))
            # Made small first, where its kind allows, and turned upright then: a whole one may have 100 MB.
            small = found.convert("RGBA") if found.mode in {"1", "P"} else found
            small.thumbnail((SIDE, SIDE))
            upright = ImageOps.exif_transpose(small).convert("RGBA")
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(_too_large(_("far more"))) from None
    except Exception:
        # Whatever a decoder stumbles over in a stranger's file: it is no picture for us.
        text = _("It is no JPEG, PNG or WebP that can be read to its end, whatever its name says.")
        raise Refused(text) from None
    # On white, where it would be seen through; and nothing of the file comes along: no place, no camera, no preview.
    clean = Image.new("RGB", upright.size, "white")
    clean.paste(upright, mask=upright)
    written = io.BytesIO()
    clean.save(written, "WEBP", quality=QUALITY)
    return written.getvalue(), *clean.size


def _check(width: int, height: int, *, frames: int) -> None:
    """Said by the head of the file, before a pixel is read."""
    if width * height > MOST_PIXELS:
        raise Refused(_too_large(f"{width} × {height}"))
    if frames > 1:
        raise Refused(_("It moves: %(frames)s pictures in one file. Bring one that stands still.") % {"frames": frames})


def _too_large(size: str) -> str:
    words = {"size": size, "most": MOST_PIXELS // 1_000_000}
    return _("It has %(size)s pixels: %(most)s million in all are the most.") % words
