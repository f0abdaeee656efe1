"""Owners made at the machine."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from governance.models import AuditRecord
from wallets.models import Wallet

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def make(monkeypatch, password=PASSWORD, email="Owner@Example.org"):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    call_command("createsuperuser", email=email, interactive=False)


def test_createsuperuser_makes_an_account_like_the_others_and_gives_the_role(monkeypatch):
    make(monkeypatch)
    user = User.objects.get()
    assert (user.email, user.email_verified, user.is_superuser, user.is_staff) == (
        "owner@example.org",
        True,
        True,
        True,
    )
    assert list(user.groups.values_list("name", flat=True)) == ["super_admin"]
    assert Wallet.objects.filter(user=user).exists()
    assert AuditRecord.objects.get(action="roles.assigned").reason == "manage.py createsuperuser"


@pytest.mark.parametrize("password", ["", "short"])
def test_createsuperuser_refuses_a_weak_password_and_leaves_nothing(monkeypatch, password):
    with pytest.raises(CommandError, match="AUTH_WEAK_PASSWORD"):
        make(monkeypatch, password)
    assert not User.objects.exists()


def test_createsuperuser_does_not_touch_an_account_that_is_there(monkeypatch):
    make(monkeypatch)
    with pytest.raises(CommandError, match="AUTH_EMAIL_IN_USE"):
        make(monkeypatch, "another horse battery")
    assert User.objects.get().check_password(PASSWORD)
