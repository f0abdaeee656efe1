"""All paths: each app brings its own, complete below /api/v1/."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.urls.resolvers import RoutePattern

from ogc.api.errors import not_found
from ogc.api.routing import RememberingResolver

APPS = ("ogc", "accounts", "governance", "wallets", "challenges", "notifications", "analytics")

urlpatterns = [
    RememberingResolver(RoutePattern("api/v1/"), [path("", include(f"{app}.api.urls")) for app in APPS]),
    path(".well-known/", include("accounts.api.well_known")),
    path("admin/django_rq/", include("django_rq.urls")),
    # Left out of Django's site: a password set there would leave all sessions alive and the audit empty, and
    # "view on site" has nowhere to go and tells which rows there are.
    re_path(r"^admin/(password_change|r)/", not_found),
    # In place of Django's own login and logout.
    path("admin/", include("accounts.admin.urls")),
    path("admin/", admin.site.urls),
    # Also with DEBUG, when Django would show its own page instead of handler404.
    re_path("", not_found),
]
handler404 = "ogc.api.errors.not_found"
handler500 = "ogc.api.errors.server_error"
handler400 = "ogc.api.errors.bad_request"
