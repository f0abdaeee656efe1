"""The cookie that keeps a refresh token out of reach of scripts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NAME = "ogc_refresh"
PATH = "/api/v1/auth"


def refresh_read(request: HttpRequest) -> str:
    """The token of the cookie; empty without one."""
    return request.COOKIES.get(NAME, "")


def refresh_set(response: HttpResponse, token: str) -> None:
    """Keep the token in the browser."""
    response.set_cookie(
        NAME,
        token,
        max_age=settings.REFRESH_TOKEN_DAYS * 86_400,
        path=PATH,
        secure=not settings.DEBUG,
        httponly=True,
        samesite="Strict",
    )


def refresh_clear(response: HttpResponse) -> None:
    """Take the token out of the browser."""
    response.set_cookie(
        NAME, max_age=0, path=PATH, secure=not settings.DEBUG, httponly=True, samesite="Strict"
    )
