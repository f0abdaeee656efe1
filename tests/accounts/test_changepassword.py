"""A new password set at the machine."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Session
from accounts.services import password_replace
from governance.models import AuditRecord
from ogc.errors import PermissionDenied
from tests.factories.accounts import PASSWORD, UserFactory, admin_client, login_as
from tests.factories.governance import actor_with, staff

pytestmark = pytest.mark.django_db

NEW = "another horse battery"


def change(monkeypatch, email, password=NEW):
    monkeypatch.setenv("OGC_NEW_PASSWORD", password)
    call_command("changepassword", email, reason="lost the mailbox")


def test_it_ends_all_sessions_and_is_audited(monkeypatch):
    user = staff("admin")
    client = admin_client(user)
    login_as(user)
    change(monkeypatch, user.email.upper())

    user.refresh_from_db()
    assert (user.check_password(NEW), user.check_password(PASSWORD)) == (True, False)
    assert not Session.objects.filter(ended_at=None).exists()
    assert client.get("/admin/accounts/user/").status_code == 302
    record = AuditRecord.objects.get(action="auth.password_reset")
    assert (record.target_id, record.reason, record.severity) == (
        user.public_id,
        "lost the mailbox",
        "critical",
    )


def test_a_weak_one_and_an_unknown_address_change_nothing(monkeypatch):
    user = UserFactory()
    login_as(user)
    with pytest.raises(CommandError, match="AUTH_WEAK_PASSWORD"):
        change(monkeypatch, user.email, "short")
    with pytest.raises(CommandError, match="Nobody has this address"):
        change(monkeypatch, "nobody@example.org")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert Session.objects.filter(ended_at=None).count() == 1


def test_it_asks_twice(monkeypatch):
    user = UserFactory()
    typed = iter([NEW, "something else entirely"])
    monkeypatch.delenv("OGC_NEW_PASSWORD", raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    with pytest.raises(CommandError, match="not the same"):
        call_command("changepassword", user.email, reason="x")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_nobody_but_the_machine_may():
    user = UserFactory()
    with pytest.raises(PermissionDenied):
        password_replace(
            actor=actor_with("super_admin"), user_id=user.public_id, new_password=NEW, reason="x"
        )
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
