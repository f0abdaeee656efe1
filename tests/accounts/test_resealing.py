"""Old keys of SECRETS_KEYS can be dropped once everything is sealed anew."""

import pytest
from django.core.management import CommandError, call_command

from accounts import signing_keys
from accounts.models import SigningKey, TotpDevice
from accounts.services import totp_seeds
from accounts.services.resealing import CHUNK_ROWS, secrets_reseal
from accounts.services.signing_keys import signing_key_rotate
from governance.models import AuditRecord
from ogc import clock
from ogc.actors import SYSTEM
from ogc.seal import SealBroken, unseal
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = b"n" * 32


def device(user):
    return TotpDevice.objects.create(
        user=user, seed_sealed=totp_seeds.seed_seal(user, "JBSWY3DPEHPK3PXP"), confirmed_at=clock.now()
    )


def seed_of(row):
    row.refresh_from_db()
    return unseal(totp_seeds.PURPOSE, bytes(row.seed_sealed), row.user.public_id.encode()).decode()


@pytest.fixture
def old_keys(settings):
    keys = list(settings.SECRETS_KEYS)
    yield keys
    settings.SECRETS_KEYS = keys
    signing_keys.load()


def test_after_resealing_the_old_key_is_not_needed(settings, old_keys, capsys):
    row = device(UserFactory())
    settings.SECRETS_KEYS = [NEW, *old_keys]
    call_command("reseal_secrets")
    assert capsys.readouterr().out == "2 sealed under the newest key, 0 open under no key\n"
    settings.SECRETS_KEYS = [NEW]
    assert seed_of(row) == "JBSWY3DPEHPK3PXP"
    signing_keys.load()
    assert signing_keys.probe() == "ok"
    record = AuditRecord.objects.get(action="secrets.resealed")
    assert record.after == '{"rows":2}'


def test_again_and_dry_it_changes_nothing(settings, old_keys, capsys):
    row = device(UserFactory())
    settings.SECRETS_KEYS = [NEW, *old_keys]
    before = bytes(row.seed_sealed)
    call_command("reseal_secrets", "--dry-run")
    assert capsys.readouterr().out.startswith("2 would be sealed")
    row.refresh_from_db()
    assert bytes(row.seed_sealed) == before
    assert not AuditRecord.objects.filter(action="secrets.resealed").exists()
    list(secrets_reseal())
    row.refresh_from_db()
    after = bytes(row.seed_sealed)
    assert sum(result.changed for result in secrets_reseal()) == 0
    row.refresh_from_db()
    assert bytes(row.seed_sealed) == after


def test_what_opens_under_no_key_is_said(settings, old_keys):
    row = device(UserFactory())
    settings.SECRETS_KEYS = [NEW]
    with pytest.raises(CommandError, match="open under no key"):
        call_command("reseal_secrets")
    row.refresh_from_db()
    with pytest.raises(SealBroken):
        unseal(totp_seeds.PURPOSE, bytes(row.seed_sealed), row.user.public_id.encode())


def test_many_seeds_are_done_in_chunks(settings, old_keys, monkeypatch):
    monkeypatch.setattr("accounts.services.resealing.CHUNK_ROWS", 2)
    assert CHUNK_ROWS == 500
    rows = [device(UserFactory()) for _ in range(5)]
    settings.SECRETS_KEYS = [NEW, *old_keys]
    assert [(result.seen, result.changed) for result in secrets_reseal()] == [(2, 2), (2, 2), (1, 1), (1, 1)]
    settings.SECRETS_KEYS = [NEW]
    assert {seed_of(row) for row in rows} == {"JBSWY3DPEHPK3PXP"}


def test_a_key_that_does_not_open_is_503_and_said_by_readyz(settings, old_keys, api):
    user = UserFactory()
    # A new key, since this process has opened the old one already.
    signing_key_rotate(actor=SYSTEM)
    settings.SECRETS_KEYS = [NEW]
    signing_keys.load()
    body = {"email": user.email, "password": PASSWORD}
    answer = api.post("auth/login", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    ready = api.get("readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"]["signing_key"]["message"].startswith("The signing key does not open")
    assert SigningKey.objects.filter(signing_slot__isnull=False).count() == 1
