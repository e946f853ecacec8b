"""Gives out the pictures of the clinic's exercises to whoever is signed in and belongs there."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from clinic.requests import ClinicRequest
from programs.models import Picture

HEADERS = {
    # A picture never changes: a phone need not ask twice. Not for shared caches, which know no clinic.
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Disposition": 'inline; filename="picture.webp"',
    "Content-Security-Policy": "default-src 'none'",
}


@require_safe
def picture(request: ClinicRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Picture.objects.visible_to(request.user), pk=pk)
    try:
        with found.file.open("rb") as file:
            return HttpResponse(file.read(), content_type="image/webp", headers=HEADERS)
    except FileNotFoundError:
        raise Http404 from None
