"""How staff get into the admin site, prove themselves in it and leave, in place of Django's views."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.admin.forms import CodeForm, LoginForm, PasswordForm
from accounts.constants import CeremonyPurpose, Factor
from accounts.selectors import step_up_factors
from accounts.services.mfa_challenges import MfaRequired
from accounts.services.passkeys import half_login_passkey_options, login_options
from ogc.actors import ANONYMOUS
from ogc.admin import ADMIN_SESSION_KEY, admin_actor
from ogc.errors import DomainError
from ogc.middleware.platform import ADMIN_PREFIX

CODE_PAGE = "staff-login-code"
HALF_LOGIN_COOKIE = "ogc_half_login"
"""A login whose second factor is still to come; only its hash is stored."""


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
            answer = services.staff_login(
                actor=ANONYMOUS, email=form.cleaned_data["username"], password=form.cleaned_data["password"]
            )
        except DomainError as refused:
            form.add_error(None, refused.text)
        else:
            if isinstance(answer, str):
                return _enter(request, answer)
            return _half_login(request, answer)
    return _page(request, form, title="Log in", button="Log in")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The second page, for people with a second factor: a code or a passkey."""
    mfa_token = request.COOKIES.get(HALF_LOGIN_COOKIE)
    if mfa_token is None:
        return HttpResponseRedirect(_onward(request, "admin:login"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            session_id = services.staff_login_verify(
                actor=ANONYMOUS, mfa_token=mfa_token, **form.cleaned_data
            )
        except DomainError as refused:
            form.add_error(None, refused.text)
        else:
            return _enter(request, session_id)
    again = _onward(request, "admin:login")
    return _page(
        request, form, title="Second factor", button="Log in", other="Start again", other_link=again,
        passkey_options=half_login_passkey_options(mfa_token=mfa_token),
    )  # fmt: skip


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Prove once more, in a login of the admin site, that it is still the same person."""
    if not admin.site.has_permission(request):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    actor = admin_actor(request)
    factors = step_up_factors(actor.user_id or "")
    form = (PasswordForm if factors == [Factor.PASSWORD] else CodeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.step_up(actor=actor, **form.cleaned_data)
        except DomainError as refused:
            form.add_error(None, refused.text)
        else:
            messages.success(request, "Thank you. Now repeat what you wanted to do.")
            return HttpResponseRedirect(_next(request))
    asked = login_options(actor=actor, purpose=CeremonyPurpose.STEP_UP) if Factor.PASSKEY in factors else None
    return _page(
        request, form, title="Is it you?", button="Go on", other="Back", other_link=_next(request),
        passkey_options=asked,
    )  # fmt: skip


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End this login."""
    if request.user.is_authenticated:
        services.logout(actor=admin_actor(request))
    request.session.flush()
    messages.success(request, "You are logged out.")
    return HttpResponseRedirect(reverse("admin:login"))


def _half_login(request: HttpRequest, half: MfaRequired) -> HttpResponse:
    answer = HttpResponseRedirect(_onward(request, CODE_PAGE))
    answer.set_cookie(
        HALF_LOGIN_COOKIE,
        half.mfa_token,
        max_age=half.expires_in,
        path=reverse("admin:login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _enter(request: HttpRequest, session_id: str) -> HttpResponse:
    """Keep the session under a new key, so that one planted before the login is worth nothing."""
    if request.user.is_authenticated:
        services.logout(actor=admin_actor(request))
    request.session.flush()
    request.session[ADMIN_SESSION_KEY] = session_id
    rotate_token(request)
    answer = HttpResponseRedirect(_next(request))
    answer.delete_cookie(HALF_LOGIN_COOKIE, path=reverse("admin:login"), samesite="Strict")
    return answer


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, as far as it is in the admin site."""
    wanted = request.GET.get("next", "")
    if wanted.startswith(ADMIN_PREFIX) and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("admin:index")


def _onward(request: HttpRequest, page: str) -> str:
    """Another of these pages, which leads to the same place."""
    return f"{reverse(page)}?{urlencode({'next': _next(request)})}"


def _page(request: HttpRequest, form: forms.Form, **words: Any) -> HttpResponse:
    context: dict[str, Any] = admin.site.each_context(request) | words | {"form": form}
    return render(request, "accounts/staff_form.html", context)
