"""Changes of tracked models are logged with their caller, address and correlation id, fully masked."""

import pytest
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from governance.middleware import full_mask
from governance.models import FeatureFlag
from governance.services import audit_personal_erase
from tests.factories.accounts import UserFactory
from tests.factories.governance import flag, staff

pytestmark = pytest.mark.django_db


def entries(model):
    return LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model)).order_by("id")


def test_a_change_over_the_api_names_its_caller(api):
    admin = staff("admin")
    client = api.as_user(admin)
    flag("beta", is_enabled=False)
    client.put(
        "governance/flags/beta",
        {"version": 1, "enabled": True},
        headers={"x-forwarded-for": "6.6.6.6", "x-request-id": "request-12345"},
    )
    entry = entries(FeatureFlag).last()
    assert (entry.actor_id, entry.remote_addr, entry.cid) == (admin.pk, "127.0.0.1", "request-12345")
    assert entry.changes["is_enabled"] == ["False", "True"]


def test_a_change_outside_a_request_has_no_caller():
    flag("beta")
    entry = entries(FeatureFlag).last()
    assert (entry.actor_id, entry.remote_addr) == (None, None)


def test_nothing_of_a_password_is_kept():
    user = UserFactory()
    user.set_password("another good password")
    user.save()
    assert entries(User).last().changes["password"] == ["***", "***"]
    assert full_mask("topsecret") == "***"


def test_erasing_a_person_empties_what_the_log_knows_of_them(api):
    admin, other = staff("admin"), staff("admin")
    flag("beta")
    api.as_user(admin).put("governance/flags/beta", {"version": 1, "enabled": False})
    audit_personal_erase(user_id=admin.public_id)
    assert set(LogEntry.objects.filter(actor_id=admin.pk).values_list("remote_addr", "actor_email")) == {
        (None, None)
    }
    about = LogEntry.objects.filter(object_pk=str(admin.pk), content_type__model="user")
    assert set(about.values_list("object_repr", flat=True)) == {admin.public_id}
    assert LogEntry.objects.filter(object_repr=other.email).exists()
