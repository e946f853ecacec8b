"""The API described for machines, and a page to try it out."""

from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView


class Schema(SpectacularJSONAPIView):
    """OpenAPI, as JSON."""


class Docs(SpectacularSwaggerSplitView):
    """Swagger, from our own files only: the page and its script apart, since nothing may be inline."""

    url_name = "api:schema"
    template_name = "api/docs.html"
