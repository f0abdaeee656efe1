"""Second factors and step-ups in the admin site."""

import pytest
from django.test import Client

from accounts.models import LoginFailure, MfaChallenge, Session
from tests.factories.accounts import PASSWORD, admin_client
from tests.factories.factors import code_of, totp_on, wrong_code
from tests.factories.governance import staff

pytestmark = pytest.mark.django_db

INSIDE = "/admin/accounts/user/"


@pytest.fixture
def owner():
    return staff("super_admin")


def first_step(user, path="/admin/login/"):
    client = Client()
    return client, client.post(path, {"username": user.email, "password": PASSWORD})


def second_step(client, code, path="/admin/login/code/"):
    return client.post(path, {"code": code})


def is_inside(client):
    return client.get(INSIDE).status_code == 200


def test_a_code_completes_the_login_and_the_session_counts_as_one_with_a_factor(owner, settings):
    settings.STAFF_TWO_FACTOR = True
    totp_on(owner)
    client, answer = first_step(owner, "/admin/login/?next=/admin/accounts/plan/")
    assert answer.headers["Location"] == "/admin/login/code/?next=%2Fadmin%2Faccounts%2Fplan%2F"
    assert not is_inside(client)
    assert not Session.objects.exists()
    cookie = client.cookies["ogc_half_login"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/admin/login/")
    assert cookie.value not in client.get("/admin/login/code/").content.decode()

    answer = second_step(client, code_of(owner), answer.headers["Location"])
    assert answer.headers["Location"] == "/admin/accounts/plan/"
    assert Session.objects.get().mfa_at is not None
    assert client.cookies["ogc_half_login"].value == ""
    assert is_inside(client)


def test_a_recovery_code_works_once(owner):
    code = totp_on(owner)[0]
    client, _ = first_step(owner)
    assert second_step(client, code).status_code == 302
    client, _ = first_step(owner)
    assert second_step(client, code).status_code == 200
    assert not is_inside(client)


def test_a_wrong_code_is_told_and_five_of_them_void_the_half_login(owner):
    totp_on(owner)
    client, _ = first_step(owner)
    for _ in range(5):
        answer = second_step(client, wrong_code(code_of(owner)))
        assert "is not valid" in answer.context["form"].non_field_errors()[0]
    LoginFailure.objects.all().delete()
    assert second_step(client, code_of(owner)).status_code == 200
    assert not Session.objects.exists()
    assert MfaChallenge.objects.get().tries_count == 5


def test_wrong_codes_lock_the_second_step_across_half_logins(owner, settings):
    settings.RATE_LOGIN_ACCOUNT = "3/5m"
    totp_on(owner)
    for _ in range(3):
        client, _ = first_step(owner)
        second_step(client, wrong_code(code_of(owner)))
    client, _ = first_step(owner)
    assert second_step(client, code_of(owner)).status_code == 200
    assert not Session.objects.exists()


def test_the_second_step_needs_the_first():
    answer = Client().get("/admin/login/code/")
    assert answer.headers["Location"].startswith("/admin/login/")
    client = Client()
    client.cookies["ogc_half_login"] = "made-up"
    assert second_step(client, "123456").status_code == 200
    assert not Session.objects.exists()


def test_staff_without_a_factor_are_told_how_to_get_one(owner, settings):
    settings.STAFF_TWO_FACTOR = True
    client, answer = first_step(owner)
    assert "POST /api/v1/auth/2fa/setup" in answer.content.decode()
    assert not is_inside(client)
    assert not Session.objects.exists()


def test_a_session_without_a_factor_is_out_where_one_is_needed(owner, settings):
    client = admin_client(owner)
    settings.STAFF_TWO_FACTOR = True
    assert not is_inside(client)
    assert is_inside(admin_client(owner, with_factor=True))


def test_the_step_up_page_is_for_who_is_inside():
    answer = Client().get("/admin/step-up/?next=/admin/")
    assert answer.headers["Location"].startswith("/admin/login/?next=")
    client = admin_client(staff("moderator"))
    assert client.get("/admin/step-up/?next=//evil.example/").context["other_link"] == "/admin/"
