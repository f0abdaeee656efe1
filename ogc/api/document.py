"""GET /schema: the OpenAPI document, made once in each process and form, since making it takes a second."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class DocumentView(SpectacularAPIView):
    """YAML, or JSON for who accepts it (or asks for `?format=json`)."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The same for everybody."""
        media_type = request.accepted_renderer.media_type
        return HttpResponse(_rendered(media_type, settings.ROOT_URLCONF), content_type=media_type)


@lru_cache
def _rendered(media_type: str, urlconf: str) -> Any:
    renderer = next(kind for kind in DocumentView.renderer_classes if kind.media_type == media_type)
    document = SchemaGenerator(urlconf=urlconf).get_schema(request=None, public=True)
    return renderer().render(document, renderer_context={})
