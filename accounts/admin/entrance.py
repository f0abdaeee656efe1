"""How staff get into the admin site and out of it, in place of Django's own views."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.admin.forms import LoginForm
from ogc.actors import ANONYMOUS
from ogc.admin import ADMIN_SESSION_KEY, admin_actor
from ogc.errors import DomainError
from ogc.middleware.platform import ADMIN_PREFIX


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The first page: address and password."""
    if request.method == "GET" and admin.site.has_permission(request):
        return HttpResponseRedirect(_next(request))
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            session_id = services.staff_login(
                actor=ANONYMOUS, email=form.cleaned_data["username"], password=form.cleaned_data["password"]
            )
        except DomainError as refused:
            form.add_error(None, refused.text)
        else:
            return _enter(request, session_id)
    return _page(request, form, title="Log in", button="Log in")


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End this login."""
    if request.user.is_authenticated:
        services.logout(actor=admin_actor(request))
    request.session.flush()
    messages.success(request, "You are logged out.")
    return HttpResponseRedirect(reverse("admin:login"))


def _enter(request: HttpRequest, session_id: str) -> HttpResponse:
    """Keep the session under a new key, so that one planted before the login is worth nothing."""
    if request.user.is_authenticated:
        services.logout(actor=admin_actor(request))
    request.session.flush()
    request.session[ADMIN_SESSION_KEY] = session_id
    rotate_token(request)
    return HttpResponseRedirect(_next(request))


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, as far as it is in the admin site."""
    wanted = request.GET.get("next", "")
    if wanted.startswith(ADMIN_PREFIX) and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("admin:index")


def _page(request: HttpRequest, form: Any, **words: str) -> HttpResponse:
    return render(
        request, "accounts/staff_form.html", admin.site.each_context(request) | words | {"form": form}
    )
