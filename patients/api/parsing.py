"""Bodies that are read: JSON, not too big, not too deep, and only text that can be stored."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

# The biggest honest session (20 exercises of 20 sets on two sides, with notes) is a fifth of this.
MOST_BYTES = 256 * 1024


class TooBig(APIException):
    status_code = 413
    default_code = "too_big"

    def __init__(self) -> None:
        super().__init__(_("This is more than one request may hold (%(most)d kB).") % {"most": MOST_BYTES // 1024})


class BoundedJSONParser(JSONParser):
    """DRF reads a body of any size: Django's own limit does not hold for streams."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooBig()
        try:
            data = json.loads(raw.decode(), parse_constant=_no_constant)
            if b"\\u" in raw:
                # Half a surrogate pair is legal JSON and no text: no database and no answer could hold it.
                json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise ParseError(_("The body is not JSON that can be read.")) from None
        return data


def _no_constant(name: str) -> None:
    raise ValueError(name)
