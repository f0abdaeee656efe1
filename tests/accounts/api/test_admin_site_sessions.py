"""The API and the admin site together: what ends sessions in one ends them in the other."""

import pytest
from django.test import Client

from accounts.models import Activity, Session
from governance.services import role_remove
from ogc.actors import SYSTEM
from tests.factories.accounts import PASSWORD
from tests.factories.governance import staff

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def member():
    return staff("admin")


@pytest.fixture
def browser(member):
    """Logged in to the admin site as a person does it."""
    client = Client(headers={"user-agent": FIREFOX})
    assert client.post("/admin/login/", {"username": member.email, "password": PASSWORD}).status_code == 302
    return client


def is_inside(client):
    return client.get("/admin/accounts/user/").status_code == 200


def test_the_login_is_in_the_list_of_sessions_and_is_ended_there(api, member, browser):
    mine = api.as_user(member)
    (listed,) = mine.get("auth/sessions").json()["results"]
    assert listed["device"] == "Firefox on Linux"
    assert is_inside(browser)
    assert mine.delete(f"auth/sessions/{listed['id']}").status_code == 204
    assert not is_inside(browser)


def test_somebody_else_does_not_end_it(api, browser):
    session = Session.objects.get()
    assert api.as_user(staff("super_admin")).delete(f"auth/sessions/{session.public_id}").status_code == 404
    assert is_inside(browser)


def test_logging_out_everywhere_ends_it(api, member, browser):
    assert api.as_user(member).post("auth/logout-all").status_code in (200, 204)
    assert not is_inside(browser)


def test_denying_the_login_ends_it(api, member, browser):
    line = Activity.objects.get(user=member, kind="login")
    assert api.as_user(member).post(f"auth/activity/{line.public_id}/deny").status_code == 204
    assert not is_inside(browser)


def test_suspending_and_logging_out_by_staff_end_it(api, member, browser):
    owner = api.as_user(staff("super_admin"))
    assert owner.post(f"admin/users/{member.public_id}/logout", {"reason": "test"}).status_code in (200, 204)
    assert not is_inside(browser)
    again = Client()
    again.post("/admin/login/", {"username": member.email, "password": PASSWORD})
    assert is_inside(again)
    answer = owner.post(f"admin/users/{member.public_id}/suspend", {"reason": "test", "confirm": True})
    assert answer.status_code == 200
    assert not is_inside(again)


def test_taking_the_last_staff_role_ends_it(member, browser):
    role_remove(actor=SYSTEM, user_id=member.public_id, role="admin")
    assert not is_inside(browser)


def test_the_cookie_of_the_admin_site_opens_nothing_in_the_api(browser):
    assert browser.get("/api/v1/auth/sessions").status_code == 401
