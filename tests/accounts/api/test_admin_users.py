"""Staff on users: suspend, reinstate, log out, and who may not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from accounts.models import Revocation, Session, User
from ogc import clock
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.accounts import UserFactory, login_as

pytestmark = pytest.mark.django_db

FOREVER = {"reason": "spam", "confirm": True}


def staff(*roles):
    user = UserFactory(is_staff=True)
    user.groups.add(*Group.objects.filter(name__in=roles))
    return user


@pytest.fixture
def admin(api):
    return api.as_user(staff("admin"))


@pytest.fixture
def moderator(api):
    return api.as_user(staff("moderator"))


@pytest.fixture
def user():
    return UserFactory()


def path(user, verb):
    return f"admin/users/{user.public_id}/{verb}"


@pytest.mark.parametrize("caller", ["admin", "moderator"])
def test_suspending_ends_sessions_and_refuses_tokens_at_once(request, api, user, caller):
    granted = login_as(user)
    response = request.getfixturevalue(caller).post(path(user, "suspend"), FOREVER)
    assert response.status_code == 200
    assert response.json() == {
        "id": user.public_id,
        "email": user.email,
        "name": user.name,
        "status": "suspended",
        "suspended_until": None,
        "reason": "spam",
    }
    assert error_code(api.with_token(granted.access).get("auth/me")) == "AUTH_ACCOUNT_DISABLED"
    assert error_code(api.post("auth/refresh", {"refresh": granted.refresh})) == "AUTH_ACCOUNT_DISABLED"
    assert Session.objects.get().end_reason == "suspended"
    assert DomainEvent.objects.filter(name="accounts.user_suspended").count() == 1


def test_a_suspension_with_an_end_needs_no_confirmation_and_lifts_itself(api, admin, user, drain, later):
    until = clock.now() + timedelta(days=3)
    body = {"reason": "spam", "until": until.isoformat().replace("+00:00", "Z")}
    assert admin.post(path(user, "suspend"), body).status_code == 200
    later(days=4)
    drain()
    assert User.objects.get(pk=user.pk).status == "active"
    assert DomainEvent.objects.filter(name="accounts.user_reinstated").count() == 1


def test_no_end_needs_a_confirmation(admin, user):
    for body in (
        {"reason": "spam"},
        {"reason": "spam", "until": None},
        {"reason": "spam", "confirm": False},
    ):
        response = admin.post(path(user, "suspend"), body)
        assert (response.status_code, error_code(response)) == (400, "CONFIRMATION_REQUIRED")
    assert User.objects.get(pk=user.pk).status == "active"
    assert not Revocation.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"confirm": True},
        {"reason": "", "confirm": True},
        {"reason": 5, "confirm": True},
        {"reason": "spam", "confirm": "true"},
        {"reason": "x" * 501, "confirm": True},
        {"reason": "spam", "until": "tomorrow"},
        {"reason": "spam", "until": "2020-01-01T00:00:00Z"},
        {"reason": "spam", "confirm": True, "status": "closed"},
    ],
)
def test_bad_suspensions_are_refused(admin, user, body):
    response = admin.post(path(user, "suspend"), body)
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert User.objects.get(pk=user.pk).status == "active"


@pytest.mark.parametrize("verb", ["suspend", "reinstate", "logout"])
def test_only_staff_with_the_scope(api, user, verb):
    body = FOREVER if verb == "suspend" else {}
    for caller in (api.as_user(UserFactory()), api.as_user(staff("finance")), api.as_user(staff("judge"))):
        response = caller.post(path(user, verb), body)
        assert (response.status_code, error_code(response)) == (403, "PERMISSION_DENIED")
        assert response.json()["error"]["details"]["scope"] == "users.write"
    assert error_code(api.post(path(user, verb), body)) == "NOT_AUTHENTICATED"
    assert not Revocation.objects.exists()


def test_moderators_do_not_log_others_out(moderator, user):
    assert error_code(moderator.post(path(user, "logout"))) == "PERMISSION_DENIED"


@pytest.mark.parametrize("verb", ["suspend", "reinstate"])
def test_nobody_acts_on_staff_above_them(moderator, admin, verb):
    body = FOREVER if verb == "suspend" else {}
    for caller, target in (
        (moderator, staff("admin")),
        (moderator, staff("finance")),
        (admin, staff("finance")),
    ):
        response = caller.post(path(target, verb), body)
        assert (response.status_code, error_code(response)) == (403, "ROLE_TOO_HIGH")
        assert User.objects.get(pk=target.pk).status == "active"
    assert admin.post(path(staff("moderator"), verb), body).status_code == 200


@pytest.mark.parametrize("verb", ["suspend", "reinstate", "logout"])
def test_nobody_does_it_to_themselves_or_to_nobody(api, verb):
    me = staff("admin")
    body = FOREVER if verb == "suspend" else {}
    signed_in = api.as_user(me)
    assert error_code(signed_in.post(path(me, verb), body)) == "ADMIN_CANNOT_CHANGE_SELF"
    for unknown in (uuid7(), "1", "x" * 300):
        response = signed_in.post(f"admin/users/{unknown}/{verb}", body)
        assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")


def test_reinstating_lets_in_again_and_repeats_harmlessly(api, admin, user):
    admin.post(path(user, "suspend"), FOREVER)
    for _ in range(2):
        response = admin.post(path(user, "reinstate"), {"reason": "appeal"})
        assert (response.status_code, response.json()["status"]) == (200, "active")
    assert api.with_token(login_as(user).access).get("auth/me").status_code == 200
    assert DomainEvent.objects.filter(name="accounts.user_reinstated").count() == 1


def test_logging_somebody_out_ends_their_sessions(api, admin, user):
    granted = login_as(user)
    assert admin.post(path(user, "logout"), {"reason": "lost device"}).status_code == 204
    assert error_code(api.with_token(granted.access).get("auth/me")) == "TOKEN_INVALID"
    assert Session.objects.get().end_reason == "staff"
