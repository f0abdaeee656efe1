"""Login into the admin site: a session like the others, and over when they are."""

import pytest
from django.contrib.sessions.models import Session as CookieSession
from django.test import Client

from accounts.constants import TokenTransport
from accounts.models import Activity, RefreshToken, Session, User
from accounts.services import logout_all, user_reinstate, user_suspend
from accounts.services.claims import actor_for
from accounts.services.retention import rows_purge
from ogc.actors import SYSTEM
from tests.factories.accounts import PASSWORD, UserFactory, admin_client
from tests.factories.governance import staff

pytestmark = pytest.mark.django_db

INSIDE = "/admin/accounts/user/"


def log_in(user, client=None, password=PASSWORD, path="/admin/login/"):
    client = client or Client()
    return client, client.post(path, {"username": user.email, "password": password})


def is_inside(client):
    return client.get(INSIDE).status_code == 200


def test_a_login_is_a_session_without_refresh_token_that_the_timeline_names():
    user = staff("admin")
    client, answer = log_in(user)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    session = Session.objects.get()
    assert (session.user, session.transport, session.mfa_at) == (user, TokenTransport.ADMIN, None)
    assert not RefreshToken.objects.exists()
    assert Activity.objects.filter(user=user, kind="login", session=session).count() == 1
    assert is_inside(client)


def test_the_cookie_says_nothing_and_changes_with_the_login():
    client = Client()
    client.get("/admin/login/")
    planted = client.session
    planted["planted"] = "1"
    planted.save()
    client.cookies["sessionid"] = planted.session_key
    log_in(staff("admin"), client)

    assert client.cookies["sessionid"].value != planted.session_key
    assert client.cookies["sessionid"]["httponly"]
    assert "planted" not in client.session
    assert Client(headers={"cookie": f"sessionid={planted.session_key}"}).get(INSIDE).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/admin/accounts/plan/", "/admin/accounts/plan/"),
        ("//evil.example/admin/", "/admin/"),
        ("https://evil.example/admin/", "/admin/"),
        ("/admin/\\evil.example", "/admin/%5Cevil.example"),
        ("/api/v1/docs", "/admin/"),
    ],
)
def test_the_way_on_stays_in_the_admin_site(wanted, got):
    _, answer = log_in(staff("admin"), path=f"/admin/login/?next={wanted}")
    assert answer.headers["Location"] == got


def test_nobody_who_is_not_staff_or_is_out_gets_a_session():
    for user, password in (
        (UserFactory(), PASSWORD),
        (staff("admin"), "wrong wrong wrong"),
        (UserFactory(is_staff=True, suspended=True), PASSWORD),
    ):
        client, answer = log_in(user, password=password)
        assert answer.status_code == 200
        assert not is_inside(client)
    assert not Session.objects.exists()


def test_people_who_are_not_staff_are_told_what_a_wrong_password_is_told():
    _, others = log_in(UserFactory())
    _, wrong = log_in(staff("admin"), password="wrong wrong wrong")
    assert others.context["form"].non_field_errors() == wrong.context["form"].non_field_errors()


def test_logging_out_ends_the_session_and_the_cookie_is_worth_nothing():
    client, _ = log_in(staff("admin"))
    cookie = client.cookies["sessionid"].value
    answer = client.post("/admin/logout/")

    assert answer.headers["Location"] == "/admin/login/"
    assert Session.objects.get().end_reason == "logout"
    assert Client(headers={"cookie": f"sessionid={cookie}"}).get(INSIDE).status_code == 302
    assert Client().post("/admin/logout/").status_code == 302
    assert client.get("/admin/logout/").status_code == 405


def test_a_second_login_in_the_same_browser_ends_the_first():
    client, _ = log_in(staff("admin"))
    log_in(staff("moderator"), client)
    assert list(Session.objects.order_by("pk").values_list("end_reason", flat=True)) == ["logout", ""]


def test_ending_all_sessions_elsewhere_ends_the_admin_session():
    user = staff("admin")
    client, _ = log_in(user)
    logout_all(actor=actor_for(user))
    assert not is_inside(client)


def test_a_suspended_member_of_staff_is_out_and_stays_out_when_reinstated():
    user = staff("moderator")
    client, _ = log_in(user)
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="test")
    assert not is_inside(client)
    user_reinstate(actor=SYSTEM, user_id=user.public_id)
    assert not is_inside(client)


def test_who_is_no_longer_staff_is_out():
    user = staff("moderator")
    client, _ = log_in(user)
    User.objects.filter(pk=user.pk).update(is_staff=False)
    assert not is_inside(client)


def test_an_admin_session_is_over_when_it_is_not_used_for_an_hour(later):
    client, _ = log_in(staff("admin"))
    later(minutes=59)
    assert is_inside(client)
    later(minutes=59)
    assert is_inside(client)
    later(minutes=61)
    assert not is_inside(client)


def test_an_admin_session_is_over_after_twelve_hours_however_much_it_is_used(later):
    client, _ = log_in(staff("admin"))
    for _ in range(23):
        later(minutes=31)
        assert is_inside(client)
    later(minutes=8)
    assert not is_inside(client)


def test_a_session_of_the_api_does_not_open_the_admin_site():
    client = admin_client(staff("admin"))
    Session.objects.update(transport=TokenTransport.BODY)
    assert not is_inside(client)


def test_who_is_signed_in_costs_two_queries(django_assert_num_queries):
    client = admin_client(staff("admin"))
    with django_assert_num_queries(2):
        client.get("/admin/login/")


def test_the_table_of_cookies_holds_no_key_and_is_emptied():
    client = admin_client(staff("admin"))
    key = client.cookies["sessionid"].value
    row = CookieSession.objects.get()
    assert (len(row.session_key), row.session_key == key[: len(row.session_key)]) == (40, False)
    client.cookies["sessionid"] = row.session_key
    assert client.get("/admin/accounts/user/").status_code == 302

    CookieSession.objects.update(expire_date="2020-01-01T00:00:00Z")
    rows_purge()
    assert not CookieSession.objects.exists()
