"""How files come in: in memory and bounded, whatever page they are sent to."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler


class BoundedUpload(MemoryFileUploadHandler):
    """A request of more than FILE_UPLOAD_MAX_MEMORY_SIZE bytes is refused before it is read; nothing touches the disk.

    Django's own second handler would write a file of any size to the disk, for anybody, before a page is asked.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any, **more: Any) -> None:
        if content_length > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig(f"{content_length} bytes in a request that brings a file.")
        super().handle_raw_input(input_data, META, content_length, *rest, **more)
