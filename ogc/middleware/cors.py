"""CORS, at no cost for requests that browsers do not send from elsewhere."""

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers


class OriginMiddleware(CorsMiddleware):
    """django-cors-headers, asked only about requests that name an origin or could be a preflight.

    All others would get from it the one header that caches need.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if "HTTP_ORIGIN" in request.META or request.method == "OPTIONS":
            return super().__call__(request)  # type: ignore[return-value]
        response = self.get_response(request)
        patch_vary_headers(response, ("origin",))  # type: ignore[arg-type]
        return response  # type: ignore[return-value]
