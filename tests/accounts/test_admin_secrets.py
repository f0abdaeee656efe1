"""What the admin site never shows, whoever looks: lists and pages of accounts, with secrets in the rows."""

import base64
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import BinaryField
from django.urls import reverse

from accounts.models import (
    AddressNonce,
    DataExport,
    LoginFailure,
    MailRequest,
    MailToken,
    MfaChallenge,
    Passkey,
    PasskeyCeremony,
    RecoveryCode,
    RefreshToken,
    Revocation,
    ServiceToken,
    SigningKey,
    TotpDevice,
    User,
)
from ogc import clock
from tests.factories.accounts import UserFactory, admin_client, login_as
from tests.factories.governance import staff

pytestmark = pytest.mark.django_db

SECRETS = {
    User: ("password",),
    RefreshToken: ("token_hash", "successor_sealed"),
    TotpDevice: ("seed_sealed",),
    RecoveryCode: ("code_hash",),
    Passkey: ("credential_hash", "credential_id", "public_key"),
    PasskeyCeremony: ("challenge_hash",),
    MfaChallenge: ("token_hash",),
    AddressNonce: ("nonce",),
    MailRequest: ("address_sealed",),
    MailToken: ("nonce",),
    ServiceToken: ("token_hash",),
    SigningKey: ("private_sealed",),
    DataExport: ("file",),
}
MODELS = [model for model in apps.get_app_config("accounts").get_models() if admin.site.is_registered(model)]


@pytest.fixture
def rows():
    """One row at least of each model that can hold a secret."""
    user, soon = UserFactory(), clock.now() + timedelta(minutes=5)
    login_as(user)
    RefreshToken.objects.update(successor_sealed=b"sealed successor")
    TotpDevice.objects.create(user=user, seed_sealed=b"sealed seed", confirmed_at=clock.now())
    RecoveryCode.objects.create(user=user, code_hash="c0de" * 16)
    Passkey.objects.create(
        user=user,
        name="Key",
        credential_hash="cred" * 16,
        credential_id=b"credential",
        public_key=b"public half",
    )
    PasskeyCeremony.objects.create(user=user, challenge_hash="chal" * 16, purpose="login", expires_at=soon)
    MfaChallenge.objects.create(user=user, token_hash="half" * 16, transport="body", expires_at=soon)
    AddressNonce.objects.create(
        user=user, nonce="n0nceofaddress", address="0x" + "1" * 40, purpose="link", expires_at=soon
    )
    MailToken.objects.create(user=user, nonce="n0nceofmail", purpose="verify_email", expires_at=soon)
    MailRequest.objects.create(purpose="reset_password", address_sealed=b"sealed address")
    ServiceToken.objects.create(name="indexer", token_hash="serv" * 16, scopes=["tx.system"], expires_at=soon)
    SigningKey.objects.create(kid="kid-1", public_key="public", private_sealed=b"sealed private half")
    DataExport.objects.create(user=user, file="exports/secret-name.zip", status="ready")
    LoginFailure.objects.create(subject="ip:203.0.113.9")
    Revocation.objects.create(kind="session", subject="x")
    return user


def spellings(value):
    if isinstance(value, (bytes, memoryview)):
        plain = bytes(value)
        return {repr(plain)[2:-1], plain.hex(), base64.b64encode(plain).decode()}
    return {str(value)}


def test_each_column_that_can_hold_a_secret_is_known_here():
    suspicious = {
        (model, field.name)
        for model in apps.get_app_config("accounts").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, BinaryField)
        or field.name.endswith(("_hash", "_sealed"))
        or field.name in ("nonce", "password", "secret", "file")
    }
    assert suspicious == {(model, name) for model, names in SECRETS.items() for name in names}


def test_no_list_and_no_page_shows_a_secret_to_an_owner(rows):
    client = admin_client(staff("super_admin"))
    secrets = {
        spelling
        for model, names in SECRETS.items()
        for row in model.objects.values_list(*names)
        for value in row
        if value
        for spelling in spellings(value)
    }
    assert len(secrets) >= len(SECRETS)
    for model in MODELS:
        name = f"admin:accounts_{model._meta.model_name}"
        pages = [reverse(f"{name}_changelist")]
        pages += [reverse(f"{name}_change", args=[row.pk]) for row in model.objects.all()]
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            shown = answer.content.decode()
            assert [secret for secret in secrets if secret in shown] == [], page
