"""Roles given and taken in the admin site, after a step-up."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Activity, User
from governance.models import AuditRecord
from tests.factories.accounts import PASSWORD, UserFactory, admin_client
from tests.factories.factors import code_of, totp_on, wrong_code
from tests.factories.governance import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return staff("super_admin")


def give_role(client, person, role="moderator"):
    page = reverse("admin:auth_group_change", args=[Group.objects.get(name=role).pk])
    body = {"person": person.email, "change": "give", "reason": "joins us"} | {
        f"User_groups-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")
    }
    return page, client.post(page, body)


def roles(user):
    return set(User.objects.get(pk=user.pk).groups.values_list("name", flat=True))


def test_giving_a_role_asks_for_a_step_up_and_leads_back(owner):
    totp_on(owner)
    person, client = UserFactory(), admin_client(owner, with_factor=True)
    page, answer = give_role(client, person)
    step_up = answer.headers["Location"]
    assert step_up.startswith("/admin/step-up/?next=")
    assert roles(person) == set()

    wrong = client.post(step_up, {"code": wrong_code(code_of(owner))})
    assert (wrong.status_code, roles(person)) == (200, set())
    answer = client.post(step_up, {"code": code_of(owner)})
    assert answer.headers["Location"] == page
    assert roles(person) == set()
    give_role(client, person)
    assert roles(person) == {"moderator"}
    record = AuditRecord.objects.get(action="roles.assigned", target_id=person.public_id)
    assert (record.actor_id, record.reason) == (owner.public_id, "joins us")
    assert Activity.objects.filter(user=owner, kind="step_up").count() == 1


def test_the_password_is_a_step_up_for_who_has_no_factor(owner):
    person, client = UserFactory(), admin_client(owner)
    _, answer = give_role(client, person)
    client.post(answer.headers["Location"], {"password": "wrong wrong wrong"})
    give_role(client, person)
    assert roles(person) == set()
    client.post(answer.headers["Location"], {"password": PASSWORD})
    give_role(client, person)
    assert roles(person) == {"moderator"}


def test_a_step_up_is_over_after_ten_minutes_and_belongs_to_its_session(owner, later):
    person, client, other = UserFactory(), admin_client(owner), admin_client(owner)
    client.post("/admin/step-up/", {"password": PASSWORD})
    give_role(other, person)
    assert roles(person) == set()
    later(minutes=11)
    give_role(client, person)
    assert roles(person) == set()


def test_roles_are_given_by_who_holds_role_write_only():
    person, client = UserFactory(), admin_client(staff("admin"))
    page, answer = give_role(client, person)
    assert answer.status_code == 403
    assert roles(person) == set()
    assert 'name="person"' not in client.get(page).content.decode()


def test_a_refusal_of_the_service_is_told_on_the_page_of_the_role(owner):
    client = admin_client(owner)
    client.post("/admin/step-up/", {"password": PASSWORD})
    page, _ = give_role(client, owner, "moderator")
    assert "ADMIN_CANNOT_CHANGE_SELF" in client.get(page).content.decode()
    assert (
        "Nobody has this address"
        in client.post(
            page, {"person": "nobody@example.org", "change": "give", "reason": "x"}
        ).content.decode()
    )
