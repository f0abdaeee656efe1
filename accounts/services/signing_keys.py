"""Keys of access tokens: the first one, and its replacement."""

from datetime import timedelta

from django.conf import settings

from accounts import signing_keys
from accounts.constants import ALL_KEYS, SIGNING_KEY_MARGIN_SECONDS, SIGNING_SLOT
from accounts.locks import signing_keys_lock
from accounts.models import SigningKey
from ogc import access, clock
from ogc.actors import Actor
from ogc.db.transactions import on_commit, transactional
from ogc.errors import NotFound
from ogc.ports import audit_record

SCOPE = "role.write"


@transactional
def signing_key_ensure() -> None:
    """Make the first key if there is none. Two at once end in one key: the slot is unique."""
    key = signing_keys.key_new()
    SigningKey.objects.get_or_create(
        signing_slot=SIGNING_SLOT,
        defaults={"kid": key.kid, "public_key": key.public_key, "private_sealed": key.private_sealed},
    )
    on_commit(signing_keys.load)


@transactional
def signing_key_rotate(*, actor: Actor, compromised: str = "", reason: str = "") -> SigningKey:
    """A new key signs from now on, here at once and in all other processes within 2 seconds.

    The one before is accepted until the last of its tokens has expired; its private half is deleted.

    Args:
        compromised: id of a key whose tokens are refused from now on, or ALL_KEYS for all but the new one.

    Raises:
        PermissionDenied: without `role.write`.
        NotFound: no key has the id.

    Effects: locks the keys; audit record (critical for a compromised key).
    """
    access.require(actor, "signing_keys.rotate", scope=SCOPE)
    keys = signing_keys_lock()
    refused = [key for key in keys if compromised in (key.kid, ALL_KEYS) and key.compromised_at is None]
    if compromised and compromised != ALL_KEYS and compromised not in {key.kid for key in keys}:
        raise NotFound
    now = clock.now()
    lives_for = timedelta(seconds=settings.ACCESS_TOKEN_SECONDS + SIGNING_KEY_MARGIN_SECONDS)
    SigningKey.objects.filter(signing_slot=SIGNING_SLOT).update(
        signing_slot=None, private_sealed=b"", accepted_until=now + lives_for
    )
    SigningKey.objects.filter(pk__in=[key.pk for key in refused]).update(compromised_at=now)
    new = signing_keys.key_new()
    new.save(force_insert=True)
    audit_record(
        actor=actor,
        action="signing_keys.rotated",
        target_type="signing_key",
        target_id=new.kid,
        severity="critical" if compromised else "warning",
        before={"kid": next((key.kid for key in keys if key.signing_slot == SIGNING_SLOT), None)},
        after={"kid": new.kid, "compromised": [key.kid for key in refused]},
        reason=reason,
    )
    on_commit(signing_keys.load)
    return new
