"""Notifications in the admin site, by scope."""

import pytest
from django.contrib.auth.models import Group

from governance.models import AuditRecord
from notifications.models import Delivery, Preference, Template
from tests.factories.accounts import UserFactory, admin_client
from tests.factories.notifications import DeliveryFactory, NotificationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(templates):
    def sign_in(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        return admin_client(user)

    return sign_in


@pytest.fixture
def rows(person):
    return {
        "delivery": DeliveryFactory(user=person, status="dead", attempts=4),
        "notification": NotificationFactory(user=person),
        "preference": Preference.objects.create(user=person, channels={"wallet": {"email": False}}),
        "template": Template.objects.get(active_name="accounts.verification"),
    }


@pytest.mark.parametrize("name", ["delivery", "notification", "preference", "template"])
def test_lists_and_pages_open_for_readers_and_can_not_be_changed(site, rows, name):
    client = site("moderator")
    assert client.get(f"/admin/notifications/{name}/").status_code == 200
    assert client.get(f"/admin/notifications/{name}/?q=ada").status_code == 200
    page = f"/admin/notifications/{name}/{rows[name].pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"title": "x"}).status_code == 403
    assert client.get(f"/admin/notifications/{name}/add/").status_code == 403
    assert (
        client.post(f"/admin/notifications/{name}/{rows[name].pk}/delete/", {"post": "yes"}).status_code
        == 403
    )


def test_a_template_is_shown_with_a_preview_that_holds_no_token(site, rows):
    page = site("admin").get(f"/admin/notifications/template/{rows['template'].pk}/change/").content.decode()
    assert "Token: &lt;token&gt;" in page


def try_again(client, delivery):
    return client.post(
        "/admin/notifications/delivery/",
        {"action": "try_again", "_selected_action": [delivery.pk], "reason": "server is back"},
        follow=True,
    )


def test_staff_try_a_dead_delivery_again(site, rows, person):
    answer = try_again(site("admin"), rows["delivery"])
    assert "Done: 1." in answer.content.decode()
    assert Delivery.objects.get().status == "queued"
    record = AuditRecord.objects.get(action="notification.resend")
    assert (record.target_id, record.reason) == (rows["delivery"].public_id, "server is back")


def test_one_that_lives_is_told_with_its_code(site, person):
    delivery = DeliveryFactory(user=person, status="sent")
    answer = try_again(site("admin"), delivery)
    assert "DELIVERY_NOT_RESENDABLE" in answer.content.decode()
    assert Delivery.objects.get().status == "sent"


def test_readers_have_no_such_button(site, rows):
    try_again(site("moderator"), rows["delivery"])
    assert Delivery.objects.get().status == "dead"
