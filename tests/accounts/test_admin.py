"""Accounts in the admin site, by scope."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import LoginFailure, Plan, Session, User
from accounts.services import service_token_create
from ogc.actors import SYSTEM
from tests.factories.accounts import PASSWORD, UserFactory, admin_client, login_as

pytestmark = pytest.mark.django_db

MODELS = [
    "user", "plan", "subscription", "payment", "session", "refreshtoken", "revocation", "loginfailure",
    "mailtoken", "servicetoken",
]  # fmt: skip


def staff(role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def site():
    def sign_in(role):
        return admin_client(staff(role))

    return sign_in


def log_in(user, password=PASSWORD):
    return Client().post("/admin/login/?next=/admin/", {"username": user.email, "password": password})


def test_staff_log_in_by_address_and_others_do_not():
    assert log_in(staff("moderator")).status_code == 302
    assert log_in(UserFactory()).status_code == 200
    assert log_in(staff("moderator"), "wrong wrong wrong").status_code == 200
    assert log_in(UserFactory(is_staff=True, suspended=True)).status_code == 200


def test_the_admin_site_is_under_the_same_lockout(settings):
    settings.RATE_LOGIN_ACCOUNT = "2/5m"
    user = staff("admin")
    for _ in range(2):
        log_in(user, "wrong wrong wrong")
    assert log_in(user).status_code == 200
    LoginFailure.objects.all().delete()
    assert log_in(user).status_code == 302


@pytest.mark.parametrize("path", ["password_change/", "password_change/done/", "r/1/1/", "r/9/x/"])
def test_what_would_go_around_the_services_is_not_there(site, path):
    client = site("admin")
    assert client.get(f"/admin/{path}").status_code == 404
    assert client.post(f"/admin/{path}", {"old_password": PASSWORD}).status_code == 404
    assert "password_change" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("name", MODELS)
def test_every_list_opens_for_readers_and_shows_no_secret(site, name):
    granted = login_as(UserFactory())
    _, token = service_token_create(actor=SYSTEM, name="indexer", scopes=["tx.system"], days=1)
    response = site("admin").get(f"/admin/accounts/{name}/")
    assert response.status_code == 200
    page = response.content.decode()
    assert granted.refresh not in page
    assert token not in page
    assert "argon2" not in page


def test_pages_show_no_hash(site):
    user = UserFactory()
    login_as(user)
    row = Session.objects.get().refresh_tokens.get()
    admin = site("admin")
    for path, secret in ((f"user/{user.pk}", "argon2"), (f"refreshtoken/{row.pk}", row.token_hash)):
        response = admin.get(f"/admin/accounts/{path}/change/")
        assert response.status_code == 200
        assert secret not in response.content.decode()


def test_people_without_a_staff_scope_see_nothing(site):
    judge = site("judge")
    for name in MODELS:
        assert judge.get(f"/admin/accounts/{name}/").status_code == 403


def test_suspending_by_action_needs_the_scope_and_a_reason(site):
    user = UserFactory()
    form = {"action": "suspend", "_selected_action": [user.pk]}
    site("finance").post("/admin/accounts/user/", form | {"reason": "spam"})
    assert User.objects.get(pk=user.pk).status == "active"
    moderator = site("moderator")
    moderator.post("/admin/accounts/user/", form)
    assert User.objects.get(pk=user.pk).status == "active"
    moderator.post("/admin/accounts/user/", form | {"reason": "spam"})
    suspended = User.objects.get(pk=user.pk)
    assert (suspended.status, suspended.suspended_reason) == ("suspended", "spam")
    moderator.post("/admin/accounts/user/", form | {"action": "reinstate", "reason": "appeal"})
    assert User.objects.get(pk=user.pk).status == "active"


def test_an_action_is_refused_for_staff_above(site):
    target = staff("admin")
    form = {"action": "suspend", "_selected_action": [target.pk], "reason": "spam"}
    response = site("moderator").post("/admin/accounts/user/", form, follow=True)
    assert "ROLE_TOO_HIGH" in response.content.decode()
    assert User.objects.get(pk=target.pk).status == "active"


def test_a_saved_plan_is_a_new_version(site):
    plan = Plan.objects.get(slug="pro")
    page = site("admin").get(f"/admin/accounts/plan/{plan.pk}/change/")
    fields = page.context["adminform"].form.initial | {"vote_weight_bps": 16_000}
    form = {name: value for name, value in fields.items() if value not in (None, False)}
    site("admin").post(f"/admin/accounts/plan/{plan.pk}/change/", form)
    plan.refresh_from_db()
    assert (plan.vote_weight_bps, plan.version) == (16_000, 2)
