"""Passwords, addresses and terms over HTTP: shapes, codes, limits, and bad input."""

import pytest

from accounts.constants import MailPurpose
from accounts.models import Activity, MailRequest, MailToken, Session
from accounts.selectors import mail_token_text
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as

pytestmark = pytest.mark.django_db

NEW = "another long and rare sentence"


@pytest.fixture
def user():
    return UserFactory(email="bob@example.org", name="Bob")


@pytest.fixture
def mine(api, user):
    return api.with_token(login_as(user).access)


def mailed(user, purpose):
    return mail_token_text(MailToken.objects.filter(user=user, purpose=purpose).latest("id").public_id)


def answer(response):
    return response.status_code, error_code(response)


def test_forgotten_passwords_are_answered_the_same_for_everybody(api, user, settings, drain):
    settings.RATE_RESET = "2/h"
    UserFactory(email="out@example.org", suspended=True)
    answers = [
        (response.status_code, response.content)
        for email in (user.email, "out@example.org", "nobody@example.org")
        for response in [api.post("auth/forgot-password", {"email": email})]
    ]
    assert answers == [(202, b"")] * 3
    drain()
    assert MailToken.objects.get().user == user
    for email in ("BOB@example.org", "nobody@example.org"):
        codes = [api.post("auth/forgot-password", {"email": email}).status_code for _ in range(2)]
        assert codes == [202, 429]
    assert MailRequest.objects.count() == 2


def test_a_password_is_reset_with_the_mailed_token(api, mine, user, drain):
    api.post("auth/forgot-password", {"email": user.email})
    drain()
    token = mailed(user, MailPurpose.RESET_PASSWORD)
    weak = api.post("auth/reset-password", {"token": token, "new_password": "short"})
    assert answer(weak) == (400, "AUTH_WEAK_PASSWORD")
    done = api.post("auth/reset-password", {"token": token, "new_password": NEW})
    assert (done.status_code, done.content, done["Cache-Control"]) == (204, b"", "no-store")
    assert not done.cookies
    assert answer(mine.get("auth/me")) == (401, "TOKEN_INVALID")
    for text in (token, "x"):
        again = api.post("auth/reset-password", {"token": text, "new_password": NEW})
        assert answer(again) == (400, "AUTH_RESET_TOKEN_INVALID")
    assert api.post("auth/login", {"email": user.email, "password": NEW}).status_code == 200


def test_a_password_is_changed_with_the_old_one(api, mine, user):
    other = api.with_token(login_as(user).access)
    wrong = mine.post("auth/change-password", {"old_password": "not this one", "new_password": NEW})
    assert answer(wrong) == (400, "AUTH_INVALID_CREDENTIALS")
    weak = mine.post("auth/change-password", {"old_password": PASSWORD, "new_password": "password123"})
    assert answer(weak) == (400, "AUTH_WEAK_PASSWORD")
    done = mine.post("auth/change-password", {"old_password": PASSWORD, "new_password": NEW})
    assert (done.status_code, done["Cache-Control"]) == (204, "no-store")
    assert mine.get("auth/me").status_code == 200
    assert answer(other.get("auth/me")) == (401, "TOKEN_INVALID")


def test_wrong_old_passwords_wait(mine, settings):
    settings.RATE_LOGIN_ACCOUNT = "1/5m"
    body = {"old_password": "not this one", "new_password": NEW}
    assert mine.post("auth/change-password", body).status_code == 400
    waiting = mine.post("auth/change-password", body | {"old_password": PASSWORD})
    assert answer(waiting) == (429, "RATE_LIMITED")
    assert int(waiting["Retry-After"]) > 290


def test_an_address_is_changed_by_password_and_token(api, mine, user, drain):
    other = api.with_token(login_as(user).access)
    body = {"new_email": "Robert@Example.org", "password": PASSWORD}
    wrong = mine.post("auth/change-email", body | {"password": "not this one"})
    assert answer(wrong) == (400, "AUTH_INVALID_CREDENTIALS")
    asked = mine.post("auth/change-email", body)
    assert (asked.status_code, asked.content) == (202, b"")
    token = mailed(user, MailPurpose.CHANGE_EMAIL)
    assert answer(api.post("auth/confirm-email", {"token": token})) == (401, "NOT_AUTHENTICATED")
    stranger = api.with_token(login_as(UserFactory()).access)
    assert answer(stranger.post("auth/confirm-email", {"token": token})) == (
        400,
        "AUTH_VERIFICATION_TOKEN_INVALID",
    )
    done = mine.post("auth/confirm-email", {"token": token})
    assert (done.status_code, done["Cache-Control"]) == (200, "no-store")
    assert (done.json()["user"]["email"], done.json()["user"]["email_verified"]) == (
        "robert@example.org",
        True,
    )
    assert mine.get("auth/me").json()["email"] == "robert@example.org"
    assert answer(other.get("auth/me")) == (401, "TOKEN_INVALID")
    again = mine.post("auth/confirm-email", {"token": token})
    assert answer(again) == (400, "AUTH_VERIFICATION_TOKEN_INVALID")


def test_a_taken_address_answers_like_a_free_one(mine, user):
    UserFactory(email="taken@example.org")
    answers = [
        (response.status_code, response.content)
        for email in ("taken@example.org", "free@example.org")
        for response in [mine.post("auth/change-email", {"new_email": email, "password": PASSWORD})]
    ]
    assert answers == [(202, b"")] * 2


def test_an_address_taken_meanwhile_is_a_conflict(mine, user):
    mine.post("auth/change-email", {"new_email": "soon@example.org", "password": PASSWORD})
    UserFactory(email="soon@example.org")
    token = mailed(user, MailPurpose.CHANGE_EMAIL)
    assert answer(mine.post("auth/confirm-email", {"token": token})) == (409, "AUTH_EMAIL_IN_USE")


def test_the_own_address_is_no_change(mine, user):
    same = mine.post("auth/change-email", {"new_email": "BOB@example.org", "password": PASSWORD})
    assert answer(same) == (400, "VALIDATION_ERROR")
    assert list(same.json()["error"]["details"]) == ["new_email"]


def test_changes_of_address_are_limited_by_caller_and_by_address(api, mine, user, settings):
    settings.RATE_RESET = "2/h"
    codes = [
        mine.post("auth/change-email", {"new_email": f"n{number}@example.org", "password": PASSWORD})
        for number in range(3)
    ]
    assert [response.status_code for response in codes] == [202, 202, 429]
    for _ in range(2):
        other = api.with_token(login_as(UserFactory()).access)
        last = other.post("auth/change-email", {"new_email": "n0@example.org", "password": PASSWORD})
    assert answer(last) == (429, "RATE_LIMITED")


def test_terms_are_accepted(mine, user, settings):
    settings.TERMS_VERSION = "2026-01"
    stale = mine.post("auth/terms", {"version": "2025-12"})
    assert answer(stale) == (400, "VALIDATION_ERROR")
    for _ in range(2):
        assert mine.post("auth/terms", {"version": "2026-01"}).status_code == 204
    user.refresh_from_db()
    assert user.terms_version == "2026-01"


@pytest.mark.parametrize(
    "path, body, field",
    [
        ("auth/forgot-password", {"email": "no address"}, "email"),
        ("auth/forgot-password", {"email": "a\x00b@example.org"}, "email"),
        ("auth/reset-password", {"token": "x", "new_password": "with a nul \x00 in it"}, "new_password"),
        ("auth/reset-password", {"token": "x\x00", "new_password": NEW}, "token"),
        ("auth/reset-password", {"token": 5, "new_password": NEW}, "token"),
        ("auth/reset-password", {"token": "x", "new_password": "x" * 1025}, "new_password"),
        ("auth/change-password", {"old_password": "\x00", "new_password": NEW}, "old_password"),
        ("auth/change-password", {"old_password": PASSWORD, "new_password": ["a"]}, "new_password"),
        ("auth/change-password", {"old_password": PASSWORD, "new_password": NEW, "user": 1}, "user"),
        ("auth/change-email", {"new_email": "bob@[127.0.0.1]", "password": PASSWORD}, "new_email"),
        ("auth/change-email", {"new_email": "new@example.org", "password": None}, "password"),
        ("auth/confirm-email", {"token": {"a": 1}}, "token"),
        ("auth/terms", {"version": ""}, "version"),
        ("auth/terms", {"version": "x" * 21}, "version"),
        ("auth/terms", {"version": 1}, "version"),
    ],
)
def test_bad_and_unknown_fields_are_refused(mine, user, path, body, field):
    response = mine.post(path, body)
    assert answer(response) == (400, "VALIDATION_ERROR")
    assert list(response.json()["error"]["details"]) == [field]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert not MailToken.objects.exists()
    assert not MailRequest.objects.exists()
    assert not Activity.objects.exists()
    assert Session.objects.filter(ended_at=None).count() == 1


def test_texts_that_no_encoding_knows_are_refused(mine):
    body = b'{"old_password": "\\ud800 lone surrogate", "new_password": "another long and rare sentence"}'
    response = mine.post("auth/change-password", body)
    assert response.status_code == 400
