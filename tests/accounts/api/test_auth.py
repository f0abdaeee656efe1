"""/auth over HTTP: shapes, codes, cookies, caching, and bad input."""

import re

import pytest

from accounts import revocations
from accounts.models import LoginFailure, MailToken, RefreshToken, Session, User
from accounts.selectors import mail_token_text
from accounts.services import user_suspend
from accounts.services.sessions import refresh_hash
from ogc.actors import SYSTEM
from ogc.ids import is_public_id
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as

pytestmark = pytest.mark.django_db

REGISTER = {"email": "Ada@Example.org", "password": "a long and rare sentence", "name": "Ada"}
USER_FIELDS = [
    "id", "email", "name", "email_verified", "roles", "scopes", "plan", "two_factor", "created_at",
]  # fmt: skip


@pytest.fixture
def user():
    return UserFactory(email="bob@example.org", name="Bob")


def log_in(api, user, **more):
    return api.post("auth/login", {"email": user.email, "password": PASSWORD} | more)


def test_register_answers_the_new_user_and_lets_nobody_cache_it(api):
    response = api.post("auth/register", REGISTER | {"terms_version": "1"})
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert list(body) == ["user"]
    assert list(body["user"]) == USER_FIELDS
    created = User.objects.get()
    assert body["user"] | {"created_at": ""} == {
        "id": created.public_id,
        "email": "ada@example.org",
        "name": "Ada",
        "email_verified": False,
        "roles": ["user"],
        "scopes": ["self"],
        "plan": "free",
        "two_factor": False,
        "created_at": "",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", body["user"]["created_at"])
    assert is_public_id(body["user"]["id"])
    assert created.wallet.user_id == created.pk


def test_register_refuses_a_taken_address_and_a_weak_password(api, user):
    taken = api.post("auth/register", REGISTER | {"email": "BOB@example.org"})
    assert (taken.status_code, error_code(taken)) == (409, "AUTH_EMAIL_IN_USE")
    weak = api.post("auth/register", REGISTER | {"password": "password123"})
    assert (weak.status_code, error_code(weak)) == (400, "AUTH_WEAK_PASSWORD")
    long = api.post("auth/register", REGISTER | {"password": "x1Y2z3" * 50})
    assert (long.status_code, error_code(long)) == (400, "AUTH_WEAK_PASSWORD")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "change, field",
    [
        ({"email": "no address"}, "email"),
        ({"email": "ada@[127.0.0.1]"}, "email"),
        ({"email": 5}, "email"),
        ({"email": None}, "email"),
        ({"password": ["a", "b"]}, "password"),
        ({"password": "with a nul \x00 in it"}, "password"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": {"a": 1}}, "name"),
        ({"is_staff": True}, "is_staff"),
        ({"plan": "enterprise"}, "plan"),
        ({"terms_version": 1}, "terms_version"),
    ],
)
def test_register_refuses_bad_and_unknown_fields(api, change, field):
    response = api.post("auth/register", REGISTER | change)
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert list(response.json()["error"]["details"]) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["auth/register", "auth/login", "auth/refresh", "auth/verify-email"])
def test_bodies_that_are_no_json_object_are_refused(api, path):
    assert error_code(api.post(path, b"{")) == "MALFORMED_JSON"
    assert error_code(api.post(path, [1])) == "VALIDATION_ERROR"
    assert error_code(api.post(path, b"a=1", content_type="application/x-www-form-urlencoded")) == (
        "UNSUPPORTED_MEDIA_TYPE"
    )
    assert error_code(api.get(path)) == "METHOD_NOT_ALLOWED"


def test_registrations_are_limited_by_address(api, settings):
    settings.RATE_REGISTER = "2/h"
    codes = [
        api.post("auth/register", REGISTER | {"email": f"p{number}@example.org"}).status_code
        for number in range(3)
    ]
    assert codes == [201, 201, 429]
    assert User.objects.count() == 2


def test_verify_email_takes_the_mailed_token_once(api):
    api.post("auth/register", REGISTER)
    token = mail_token_text(MailToken.objects.get().public_id)
    verified = api.post("auth/verify-email", {"token": token})
    assert verified.status_code == 200
    assert verified.json()["user"]["email_verified"] is True
    for text in (token, "x", token[:-1]):
        again = api.post("auth/verify-email", {"token": text})
        assert (again.status_code, error_code(again)) == (400, "AUTH_VERIFICATION_TOKEN_INVALID")
    assert error_code(api.post("auth/verify-email", {"token": "x" * 300})) == "VALIDATION_ERROR"


def test_resending_answers_the_same_for_everybody(api, user, settings, drain):
    settings.RATE_RESET = "2/h"
    UserFactory(email="new@example.org", unverified=True)
    answers = [
        (response.status_code, response.content)
        for email in ("new@example.org", user.email, "nobody@example.org")
        for response in [api.post("auth/resend-verification", {"email": email})]
    ]
    assert answers == [(202, b"")] * 3
    drain()
    assert MailToken.objects.count() == 1
    for email in ("new@example.org", "nobody@example.org"):
        codes = [api.post("auth/resend-verification", {"email": email}).status_code for _ in range(2)]
        assert codes == [202, 429]


def test_login_by_cookie(api, user, settings):
    settings.DEBUG = True
    response = log_in(api, user)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert list(body) == ["access", "expires_in", "user"]
    assert list(body["user"]) == USER_FIELDS
    assert body["expires_in"] == 900
    cookie = response.cookies["ogc_refresh"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/api/v1/auth")
    assert cookie["secure"] == ""
    assert cookie["max-age"] == 30 * 86_400
    assert RefreshToken.objects.get().token_hash == refresh_hash(cookie.value)


def test_the_cookie_is_secure_outside_debug(api, user, settings):
    settings.DEBUG = False
    assert log_in(api, user).cookies["ogc_refresh"]["secure"] is True


def test_login_by_body_sets_no_cookie(api, user):
    response = log_in(api, user, token_transport="body")
    assert list(response.json()) == ["access", "expires_in", "refresh", "user"]
    assert not response.cookies


def test_login_refusals_have_their_codes(api, user):
    for email in (user.email, "nobody@example.org"):
        wrong = api.post("auth/login", {"email": email, "password": "wrong wrong wrong"})
        assert (wrong.status_code, error_code(wrong)) == (401, "AUTH_INVALID_CREDENTIALS")
        assert "ogc_refresh" not in wrong.cookies
    out = log_in(api, UserFactory(suspended=True))
    assert (out.status_code, error_code(out)) == (403, "AUTH_ACCOUNT_DISABLED")
    assert not Session.objects.exists()


def test_login_is_locked_with_growing_waits(api, user, settings):
    settings.RATE_LOGIN_ACCOUNT = "2/5m"
    for _ in range(2):
        assert (
            api.post("auth/login", {"email": user.email, "password": "wrong wrong wrong"}).status_code == 401
        )
    locked = log_in(api, user)
    assert (locked.status_code, error_code(locked)) == (429, "RATE_LIMITED")
    assert 295 <= int(locked["Retry-After"]) <= 300
    assert LoginFailure.objects.get(subject="ip:127.0.0.1").failures_count == 2


@pytest.mark.parametrize(
    "change",
    [{"password": 1}, {"password": "x" * 257}, {"email": []}, {"token_transport": "header"}, {"otp": "1"}],
)
def test_login_refuses_bad_and_unknown_fields(api, user, change):
    response = log_in(api, user, **change)
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert not LoginFailure.objects.exists()


def test_refresh_by_cookie_answers_in_the_cookie(api, user):
    first = log_in(api, user).cookies["ogc_refresh"].value
    response = api.post("auth/refresh")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert list(response.json()) == ["access", "expires_in"]
    second = response.cookies["ogc_refresh"].value
    assert second != first
    assert api.with_token(response.json()["access"]).get("auth/me").status_code == 200


def test_refresh_by_body_answers_in_the_body(api, user):
    first = login_as(user)
    response = api.post("auth/refresh", {"refresh": first.refresh})
    assert list(response.json()) == ["access", "expires_in", "refresh"]
    assert not response.cookies
    again = api.post("auth/refresh", {"refresh": first.refresh})
    assert again.json()["refresh"] == response.json()["refresh"]


def test_an_old_access_token_does_not_stand_in_the_way_of_new_ones(api, user, later):
    granted = login_as(user)
    later(minutes=16)
    old = api.with_token(granted.access)
    assert error_code(old.get("auth/me")) == "TOKEN_EXPIRED"
    assert old.post("auth/refresh", {"refresh": granted.refresh}).status_code == 200
    assert log_in(old, user).status_code == 200
    assert api.with_token("rubbish").post("auth/register", REGISTER).status_code == 201


def test_refresh_refusals_have_their_codes(api, user, later):
    for body in (None, {}, {"refresh": "unknown"}):
        none = api.post("auth/refresh", body)
        assert (none.status_code, error_code(none)) == (401, "AUTH_REFRESH_INVALID")
    reused, expired, ended = login_as(user), login_as(user), login_as(user)
    assert api.with_token(ended.access).post("auth/logout").status_code == 204
    revoked = api.post("auth/refresh", {"refresh": ended.refresh})
    assert (revoked.status_code, error_code(revoked)) == (401, "AUTH_REFRESH_REVOKED")
    renewed = api.post("auth/refresh", {"refresh": reused.refresh}).json()
    later(seconds=11)
    replay = api.post("auth/refresh", {"refresh": reused.refresh})
    assert (replay.status_code, error_code(replay)) == (401, "AUTH_REFRESH_REUSED")
    stolen = api.with_token(renewed["access"]).get("auth/me")
    assert (stolen.status_code, error_code(stolen)) == (401, "TOKEN_INVALID")
    later(days=31)
    old = api.post("auth/refresh", {"refresh": expired.refresh})
    assert (old.status_code, error_code(old)) == (401, "AUTH_REFRESH_EXPIRED")


def test_logout_ends_this_session_only_and_clears_the_cookie(api, user):
    mine, other = login_as(user), login_as(user)
    response = api.with_token(mine.access).post("auth/logout")
    assert (response.status_code, response.content) == (204, b"")
    assert response.cookies["ogc_refresh"]["max-age"] == 0
    assert error_code(api.with_token(mine.access).get("auth/verify")) == "TOKEN_INVALID"
    assert api.with_token(other.access).get("auth/verify").status_code == 204


def test_logout_all_ends_every_session_of_the_caller(api, user):
    mine, other, stranger = login_as(user), login_as(user), login_as(UserFactory())
    assert api.with_token(mine.access).post("auth/logout-all").status_code == 204
    for granted in (mine, other):
        assert error_code(api.with_token(granted.access).get("auth/verify")) == "TOKEN_INVALID"
        assert error_code(api.post("auth/refresh", {"refresh": granted.refresh})) == "AUTH_REFRESH_REVOKED"
    assert api.with_token(stranger.access).get("auth/verify").status_code == 204


@pytest.mark.parametrize(
    "method, path", [("GET", "me"), ("GET", "verify"), ("POST", "logout"), ("POST", "logout-all")]
)
def test_what_needs_a_login_says_so(api, method, path):
    response = api.call(method, f"auth/{path}")
    assert (response.status_code, error_code(response)) == (401, "NOT_AUTHENTICATED")
    assert response["WWW-Authenticate"] == "Bearer"
    bad = api.with_token("abc").call(method, f"auth/{path}")
    assert (bad.status_code, error_code(bad)) == (401, "TOKEN_INVALID")


def test_me_is_one_query_and_the_exact_shape(api, django_assert_num_queries):
    user = UserFactory(plan="pro", unverified=True)
    signed_in = api.as_user(user)
    signed_in.get("auth/me")
    with django_assert_num_queries(1):
        response = signed_in.get("auth/me")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert list(body) == USER_FIELDS
    assert (body["id"], body["email"], body["plan"]) == (user.public_id, user.email, "pro")
    assert (body["email_verified"], body["two_factor"]) == (False, False)
    assert (body["roles"], body["scopes"]) == (["user"], ["self"])


def test_verify_costs_no_query(api, user, django_assert_num_queries):
    signed_in = api.as_user(user)
    with django_assert_num_queries(0):
        assert signed_in.get("auth/verify").status_code == 204


def test_a_suspended_user_is_told_so_by_every_call(api, user):
    signed_in = api.as_user(user)
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="test")
    revocations.load()
    response = signed_in.get("auth/me")
    assert (response.status_code, error_code(response)) == (403, "AUTH_ACCOUNT_DISABLED")


def test_a_login_tells_its_facts_once(api, user):
    log_in(api, user)
    assert DomainEvent.objects.filter(name="accounts.logged_in").count() == 1
