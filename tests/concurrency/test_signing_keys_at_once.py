"""The first key of access tokens, and rotations, by many at once on real connections."""

import pytest

from accounts import signing_keys
from accounts.models import SigningKey
from accounts.services import signing_key_rotate
from accounts.tokens import access_token_check
from ogc.actors import SYSTEM
from tests.accounts.test_concurrency import at_once
from tests.factories.accounts import UserFactory, login_as

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def test_a_missing_first_key_is_made_once() -> None:
    users = [UserFactory() for _ in range(12)]
    SigningKey.objects.all().delete()
    signing_keys.load()
    tokens = at_once(12, lambda number: login_as(users[number]).access)
    kid = SigningKey.objects.get().kid
    signing_keys.load()
    assert {access_token_check(str(token)).kid for token in tokens} == {kid}


def test_rotations_at_once_follow_each_other() -> None:
    before = SigningKey.objects.count()
    kids = at_once(8, lambda _: signing_key_rotate(actor=SYSTEM).kid)
    assert len(set(kids)) == 8
    assert SigningKey.objects.count() == before + 8
    assert SigningKey.objects.get(signing_slot=1).kid in kids
    assert SigningKey.objects.filter(accepted_until=None).count() == 1
