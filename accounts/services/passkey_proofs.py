"""Proofs by passkey: challenges that are answered once, and what a right answer changes."""

import hashlib
import logging
import secrets
from datetime import timedelta
from typing import Any

from django.db.models import Q

from accounts import webauthn
from accounts.constants import CEREMONY_SECONDS, ActivityKind, CeremonyPurpose, Factor
from accounts.models import Passkey, PasskeyCeremony, User
from accounts.services.activity import activity_record
from accounts.webauthn import Answer, Proof, Refused
from ogc import clock
from ogc.actors import ANONYMOUS, Actor
from ogc.ports import audit_record

log = logging.getLogger(__name__)


def ceremony_open(purpose: CeremonyPurpose, owner: int | None) -> bytes:
    """A new challenge for one purpose, answered by `owner` (row number) where one is known."""
    challenge = secrets.token_bytes(webauthn.CHALLENGE_BYTES)
    PasskeyCeremony.objects.create(
        challenge_hash=_challenge_hash(challenge),
        purpose=purpose,
        user_id=owner,
        expires_at=clock.now() + timedelta(seconds=CEREMONY_SECONDS),
    )
    return challenge


def ceremony_use(answer: Answer, purpose: CeremonyPurpose, owner: int | None) -> bool:
    """Compare-and-set: of two answers to one challenge one finds it unused."""
    now = clock.now()
    fresh = PasskeyCeremony.objects.filter(
        Q(user=None) if owner is None else Q(user_id=owner),
        challenge_hash=_challenge_hash(answer.challenge),
        purpose=purpose,
        used_at=None,
        expires_at__gt=now,
    )
    return fresh.update(used_at=now) == 1


def _challenge_hash(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def credentials_of(owner: int) -> list[tuple[bytes, list[str]]]:
    """Ids and transports of a user's passkeys, as options name them."""
    rows = Passkey.objects.filter(user_id=owner).values_list("credential_id", "transports")
    return [(bytes(credential_id), transports) for credential_id, transports in rows]


def passkey_factor(credential: Any, purpose: CeremonyPurpose, *, user: User) -> Factor | None:
    """`passkey_use` as the checks of second factors take it."""
    return Factor.PASSKEY if passkey_use(credential, purpose, user=user) else None


def passkey_use(credential: Any, purpose: CeremonyPurpose, *, user: User | None = None) -> Passkey | None:
    """The passkey whose use for this purpose is proved, by this user where one is known.

    In the caller's transaction, which must commit also when it is refused: the challenge is used up, and an
    authenticator whose counter went back is told of.

    Returns:
        None when it is not proved, whyever.

    Effects: the ceremony is used; counter and last use of the passkey.
    """
    try:
        answer = webauthn.answer_parse(credential, "webauthn.get")
        if not ceremony_use(answer, purpose, user.pk if user else None):
            raise Refused("challenge")
        passkey = _passkey_of(answer, user)
        proof = webauthn.assertion_check(
            answer, credential_id=bytes(passkey.credential_id), public_key=bytes(passkey.public_key)
        )
        if proof.is_backup_eligible != passkey.is_backup_eligible:
            raise Refused("backup_flags")
        _use_record(passkey, proof)
    except Refused as refused:
        log.info("passkey refused", extra={"reason": refused.code, "purpose": purpose.value})
        return None
    return passkey


def _passkey_of(answer: Answer, user: User | None) -> Passkey:
    """Who logs in without a password is who the authenticator says (user handle) and holds the credential."""
    found = Passkey.objects.select_related("user").filter(
        credential_hash=webauthn.credential_hash(answer.credential_id)
    )
    passkey = found.filter(user=user).first() if user else found.first()
    if passkey is None:
        raise Refused("unknown")
    if answer.user_handle is None and user is None:
        raise Refused("user_handle")
    if answer.user_handle not in (None, webauthn.user_handle(passkey.user.public_id)):
        raise Refused("user_handle")
    return passkey


def _use_record(passkey: Passkey, proof: Proof) -> None:
    """Compare-and-set on the counter: one that does not go on means that somebody has a copy of the key."""
    row = Passkey.objects.filter(pk=passkey.pk)
    goes_on = Q(sign_count__lt=proof.sign_count) | (Q(sign_count=0) if proof.sign_count == 0 else Q())
    used = row.filter(goes_on).update(
        sign_count=proof.sign_count, is_backed_up=proof.is_backed_up, last_used_at=clock.now()
    )
    if used:
        return
    if row.exists():
        activity_record(
            passkey.user, ActivityKind.PASSKEY_CLONED, name=passkey.name, passkey_id=passkey.public_id
        )
        passkey_audit(ANONYMOUS, passkey, "auth.passkey_cloned", severity="critical")
    raise Refused("counter")


def passkey_audit(actor: Actor, passkey: Passkey, action: str, *, severity: str = "warning") -> None:
    """One record about a passkey of a user."""
    audit_record(
        actor=actor,
        action=action,
        target_type="user",
        target_id=passkey.user.public_id,
        severity=severity,
        after={"passkey": passkey.public_id},
    )
