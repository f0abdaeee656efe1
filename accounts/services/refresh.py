"""Rotation of refresh tokens.

Each token is used once, by compare-and-set on its row. A client's double call gets the same successor for
REFRESH_GRACE_SECONDS, from a copy that only the holder of the presented token can decrypt. Any later use of a
used token means that two parties hold it: the whole session ends.
Source: RFC 9700, section 4.14.2.
"""

import os
from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from accounts.constants import REFRESH_GRACE_SECONDS, ActivityKind, SessionEnd
from accounts.errors import RefreshExpired, RefreshInvalid, RefreshReused, RefreshRevoked
from accounts.locks import user_lock_of_token
from accounts.models import RefreshToken, Session, User
from accounts.services.activity import activity_record
from accounts.services.sessions import (
    Granted,
    access_grant,
    refresh_hash,
    refresh_text,
    refresh_token_add,
    sessions_end,
)
from accounts.signals import refresh_reused
from ogc import clock
from ogc.actors import Actor
from ogc.db.statements import SelectStatement, columns_of, instance_of
from ogc.db.transactions import run_in_transaction
from ogc.errors import AccountDisabled
from ogc.ports import audit_record
from ogc.seal import derive_key

NONCE_BYTES = 12
_FIND = SelectStatement(
    lambda slots: (
        RefreshToken.objects.filter(token_hash=slots.text("token_hash"))
        .order_by()
        .values_list(*columns_of(RefreshToken), *(f"session__{name}" for name in columns_of(Session)))
    )
)


@dataclass(frozen=True, slots=True)
class _Reused:
    """The session was ended in the transaction that found this out; the refusal follows after its commit."""


def refresh(*, actor: Actor, token: str) -> Granted:
    """A new access token and the successor of a refresh token.

    Raises:
        RefreshInvalid: unknown.
        RefreshExpired: its session was not used for REFRESH_TOKEN_DAYS.
        RefreshRevoked: its session has ended.
        RefreshReused: used before; the session is ended, audited, in the timeline, and told to its user.
        AccountDisabled: the user is suspended or closed.

    Effects: locks the user, then the token's row; the session lives on from now.
    """
    outcome = run_in_transaction(lambda: _rotate(actor, token))
    if isinstance(outcome, _Reused):
        raise RefreshReused
    return outcome


def _rotate(actor: Actor, token: str) -> Granted | _Reused:
    token_hash = refresh_hash(token)
    user = user_lock_of_token(token_hash)
    found = _FIND.first(token_hash=token_hash) if user is not None else None
    if user is None or found is None:
        raise RefreshInvalid
    row = instance_of(RefreshToken, found)
    session = instance_of(Session, found[len(columns_of(RefreshToken)) :])
    _require_alive(user, session)
    text = refresh_text()
    if _use(row, token, text):
        return _succeed(user, session, row, text)
    successor = _successor_in_grace(row.pk, token)
    if successor is not None:
        return access_grant(user, session, successor)
    activity_record(user, ActivityKind.REFRESH_REUSED, session=session)
    sessions_end(user, SessionEnd.REUSE, session_id=session.public_id)
    audit_record(
        actor=actor,
        action="auth.refresh_reused",
        target_type="user",
        target_id=user.public_id,
        severity="critical",
        after={"session": session.public_id},
    )
    refresh_reused.emit(user_id=user.public_id, session_id=session.public_id)
    return _Reused()


def _require_alive(user: User, session: Session) -> None:
    # The living token expires with its session. That a used one would have expired by now excuses no replay.
    if not user.is_active:
        raise AccountDisabled
    if session.ended_at is not None:
        raise RefreshRevoked
    if session.expires_at <= clock.now():
        raise RefreshExpired


def _use(row: RefreshToken, token: str, successor: str) -> bool:
    """Use the token up, by compare-and-set, leaving what follows it to its holder. False: it was used."""
    now = clock.now()
    return bool(
        RefreshToken.objects.filter(pk=row.pk, used_at=None).update(
            used_at=now,
            successor_sealed=_seal(token, successor),
            successor_until=now + timedelta(seconds=REFRESH_GRACE_SECONDS),
        )
    )


def _succeed(user: User, session: Session, row: RefreshToken, text: str) -> Granted:
    now = clock.now()
    session.last_used_at, session.expires_at = now, now + timedelta(days=settings.REFRESH_TOKEN_DAYS)
    Session.objects.filter(pk=session.pk).update(
        last_used_at=session.last_used_at, expires_at=session.expires_at
    )
    refresh_token_add(session, text, parent=row)
    return access_grant(user, session, text)


def _successor_in_grace(row_pk: int, token: str) -> str | None:
    """The token that followed, if `token` is the immediate parent of the living one and was used just now."""
    row = RefreshToken.objects.get(pk=row_pk)
    if row.successor_sealed is None or row.successor_until is None or row.successor_until <= clock.now():
        return None
    if not RefreshToken.objects.filter(parent_id=row_pk, used_at=None).exists():
        return None
    return _unseal(token, bytes(row.successor_sealed))


def _cipher(token: str) -> AESGCM:
    return AESGCM(derive_key(token.encode(), "accounts.refresh-successor"))


def _seal(token: str, successor: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(token).encrypt(nonce, successor.encode(), None)


def _unseal(token: str, sealed: bytes) -> str:
    return _cipher(token).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
