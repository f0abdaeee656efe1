"""Accepting the terms."""

import pytest

from accounts.models import User
from accounts.services import actor_for, terms_accept, user_register
from governance.models import AuditRecord
from ogc.actors import ANONYMOUS
from ogc.errors import ValidationFailed
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

REGISTER = {"email": "ada@example.org", "password": "a long and rare sentence", "name": "Ada"}


@pytest.fixture
def user():
    return UserFactory()


def records():
    return list(AuditRecord.objects.filter(action="auth.terms_accepted").order_by("id"))


def test_accepting_is_recorded_once(user, settings, later):
    settings.TERMS_VERSION = "2026-01"
    terms_accept(actor=actor_for(user), version="2026-01")
    user.refresh_from_db()
    accepted_at = user.terms_accepted_at
    assert (user.terms_version, accepted_at is not None) == ("2026-01", True)
    later(days=1)
    terms_accept(actor=actor_for(user), version="2026-01")
    user.refresh_from_db()
    assert user.terms_accepted_at == accepted_at
    (record,) = records()
    assert (record.before, record.after) == ('{"version":""}', '{"version":"2026-01"}')


def test_only_the_current_terms_can_be_accepted(user, settings):
    settings.TERMS_VERSION = "2026-02"
    with pytest.raises(ValidationFailed) as refused:
        terms_accept(actor=actor_for(user), version="2026-01")
    assert refused.value.details["version"][0]["code"] == "not_current"
    user.refresh_from_db()
    assert (user.terms_version, user.terms_accepted_at) == ("", None)
    assert records() == []


def test_without_current_terms_any_version_is_recorded(user):
    terms_accept(actor=actor_for(user), version="draft-7")
    user.refresh_from_db()
    assert user.terms_version == "draft-7"


def test_registration_takes_the_current_terms_or_none(settings):
    settings.TERMS_VERSION = "2026-02"
    with pytest.raises(ValidationFailed) as refused:
        user_register(actor=ANONYMOUS, **REGISTER, terms_version="2026-01")
    assert list(refused.value.details) == ["terms_version"]
    assert not User.objects.exists()
    ada = user_register(actor=ANONYMOUS, **REGISTER, terms_version="2026-02")
    bob = user_register(actor=ANONYMOUS, **(REGISTER | {"email": "bob@example.org"}))
    assert (ada.terms_version, ada.terms_accepted_at is not None) == ("2026-02", True)
    assert (bob.terms_version, bob.terms_accepted_at) == ("", None)
