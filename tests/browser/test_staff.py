"""Staff in front of the admin site: second factor, step-up, and the end of a session."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from accounts.models import Session, User
from accounts.services import session_revoke
from accounts.services.claims import actor_for
from ogc import clock
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.factors import SEED, totp_on
from tests.factories.governance import staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owner(live_server, settings) -> User:
    settings.DEBUG = True
    settings.STAFF_TWO_FACTOR = True
    return staff("super_admin")


def code(steps: int = 0) -> str:
    """What the app shows; a code counts once, so that each use in a test takes another step."""
    return pyotp.TOTP(SEED).at(clock.real_now() + timedelta(seconds=30 * steps))


def log_in(page: Page, user: User, path: str = "/admin/") -> None:
    page.goto(path)
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_staff_log_in_with_a_code_and_land_where_they_wanted(page: Page, owner: User) -> None:
    totp_on(owner)
    log_in(page, owner, "/admin/accounts/plan/")
    expect(page).to_have_url(re.compile(r"/admin/login/code/"))
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("is not valid")).to_be_visible()

    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/admin/accounts/plan/$"))
    assert Session.objects.get(user=owner).mfa_at is not None


def test_staff_without_a_factor_stay_outside_and_read_why(page: Page, owner: User) -> None:
    log_in(page, owner)

    expect(page.get_by_text("/api/v1/auth/2fa/setup")).to_be_visible()
    page.goto("/admin/accounts/user/")
    expect(page).to_have_url(re.compile(r"/admin/login/"))
    assert not Session.objects.exists()


def test_giving_a_role_asks_who_it_is_and_then_works(page: Page, owner: User) -> None:
    totp_on(owner)
    person, role = UserFactory(), Group.objects.get(name="moderator")
    log_in(page, owner, f"/admin/auth/group/{role.pk}/change/")
    page.get_by_label("Code").fill(code(-1))
    page.get_by_role("button", name="Log in").click()

    def give() -> None:
        page.get_by_label("Address of the person").fill(person.email)
        page.get_by_label("Reason").fill("joins us")
        page.locator("[name=_save]").click()

    give()
    expect(page).to_have_url(re.compile(r"/admin/step-up/"))
    expect(page.get_by_text("nothing was changed")).to_be_visible()
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile(rf"/admin/auth/group/{role.pk}/change/$"))
    assert not person.groups.exists()

    give()
    expect(page).to_have_url(re.compile(r"/admin/auth/group/$"))
    assert list(person.groups.all()) == [role]


def test_a_session_ended_elsewhere_is_out_at_once(page: Page, owner: User, settings) -> None:
    settings.STAFF_TWO_FACTOR = False
    log_in(page, owner)
    expect(page).to_have_url(re.compile(r"/admin/$"))
    session_revoke(actor=actor_for(owner), session_id=Session.objects.get(user=owner).public_id)

    page.goto("/admin/accounts/user/")
    expect(page).to_have_url(re.compile(r"/admin/login/\?next="))


def test_a_login_is_left_by_its_menu(page: Page, owner: User, settings) -> None:
    settings.STAFF_TWO_FACTOR = False
    log_in(page, owner)
    page.evaluate("document.querySelector('form[action=\"/admin/logout/\"]').submit()")
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    assert Session.objects.get(user=owner).end_reason == "logout"
