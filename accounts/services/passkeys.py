"""Passkeys: registered, used and removed. What authenticators answer is checked in `accounts.webauthn`."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError

from accounts import webauthn
from accounts.constants import (
    PASSKEY_NAME_MAX_LENGTH,
    PASSKEYS_MAX_COUNT,
    ActivityKind,
    CeremonyPurpose,
    Factor,
    LoginMethod,
    TokenTransport,
)
from accounts.devices import device_name
from accounts.errors import MfaInvalid
from accounts.locks import user_lock
from accounts.models import Passkey, Session, User
from accounts.selectors import second_factors, user_get, user_pk
from accounts.services import lockout
from accounts.services.activity import activity_record
from accounts.services.confirmations import proof_attempt
from accounts.services.factors import factor_added, factor_removed
from accounts.services.login import login_complete
from accounts.services.mfa import mfa_answer
from accounts.services.mfa_challenges import mfa_challenge_find_open
from accounts.services.passkey_proofs import (
    ceremony_open,
    ceremony_use,
    credentials_of,
    passkey_audit,
    passkey_factor,
    passkey_use,
)
from accounts.services.sessions import Granted
from accounts.services.step_up import require_step_up, session_of
from accounts.step_up import ADD_FACTOR, REMOVE_FACTOR, TWO_FACTOR_OFF
from accounts.webauthn import NewCredential, Refused
from ogc import clock, context
from ogc.actors import ANONYMOUS, Actor
from ogc.db.transactions import run_in_transaction, transactional
from ogc.errors import NotAuthenticated, NotFound, ValidationFailed

REFUSALS = {
    "algorithm": "The key must be EdDSA, ES256 or RS256.",
    "challenge": "This challenge is unknown, used or expired: ask for new options.",
    "limit": f"An account has at most {PASSKEYS_MAX_COUNT} passkeys: remove one first.",
    "origin": "This page's origin may not use passkeys here.",
    "taken": "This passkey is registered already.",
}
"""What to do about a refusal, where there is something to do."""


@dataclass(frozen=True, slots=True)
class PasskeyAdded:
    """A new passkey; `recovery_codes` in plain text, for the only time, when it is the first factor."""

    passkey: Passkey
    recovery_codes: list[str]


@transactional
def registration_options(*, actor: Actor) -> dict[str, Any]:
    """What a browser makes a passkey of the caller from.

    Raises:
        StepUpRequired: neither a fresh login nor a step-up.
        ValidationFailed: the account has PASSKEYS_MAX_COUNT already.

    Effects: one ceremony.
    """
    require_step_up(actor, ADD_FACTOR)
    user = user_get(actor.user_id or "")
    known = credentials_of(user.pk)
    if len(known) >= PASSKEYS_MAX_COUNT:
        raise _refusal("limit")
    return webauthn.creation_options(
        user_id=user.public_id,
        name=user.email,
        display_name=user.name,
        challenge=ceremony_open(CeremonyPurpose.REGISTER, user.pk),
        known=known,
    )


def passkey_add(*, actor: Actor, credential: Any, name: str = "") -> PasskeyAdded:
    """Keep the passkey that a browser made. The session then counts as one with a second factor.

    Args:
        credential: what `PublicKeyCredential.toJSON()` gave.
        name: for people; default the device of the request.

    Raises:
        StepUpRequired: neither a fresh login nor a step-up.
        ValidationFailed: on `credential`; the challenge is used up nevertheless.
        TokenInvalid: the session ended meanwhile.

    Effects: locks the user; passkey, timeline, audit record; access tokens are refused, so that clients
        fetch new ones; with the first factor recovery codes.
    """
    require_step_up(actor, ADD_FACTOR)
    pk = user_pk(actor.user_id or "")
    try:
        answer = webauthn.answer_parse(credential, "webauthn.create")
        if not run_in_transaction(lambda: ceremony_use(answer, CeremonyPurpose.REGISTER, pk)):
            raise Refused("challenge")
        return _insert(actor, pk, webauthn.registration_check(answer), name)
    except Refused as refused:
        raise _refusal(refused.code) from None


@transactional
def passkey_remove(*, actor: Actor, passkey_id: str) -> None:
    """Delete a passkey of the caller.

    Raises:
        NotFound: no such passkey of theirs.
        StepUpRequired: for the last factor without a step-up, for others without a fresh login or step-up.

    Effects: locks the user; as `passkey_delete`.
    """
    user = user_lock(user_pk(actor.user_id or ""))
    if not Passkey.objects.filter(user=user, public_id=passkey_id).exists():
        raise NotFound
    is_last = Passkey.objects.filter(user=user).count() == 1 and Factor.TOTP not in second_factors(user.pk)
    require_step_up(actor, TWO_FACTOR_OFF if is_last else REMOVE_FACTOR)
    passkey_delete(actor=actor, user=user, passkey_id=passkey_id, session=session_of(actor, user))


def passkey_delete(
    *, actor: Actor, user: User, passkey_id: str, session: Session | None = None, **details: Any
) -> None:
    """Delete a passkey of a user whose row the caller has locked; without effect when there is none.

    Args:
        details: more for the line of the timeline.

    Effects: timeline, audit record, access tokens are refused; with the last factor the recovery codes go.
    """
    passkey = Passkey.objects.filter(user=user, public_id=passkey_id).first()
    if passkey is None:
        return
    passkey.delete()
    details |= {"name": passkey.name, "passkey_id": passkey_id}
    activity_record(user, ActivityKind.PASSKEY_REMOVED, session=session, **details)
    passkey_audit(actor, passkey, "auth.passkey_removed")
    factor_removed(user)


@transactional
def login_options(
    *, actor: Actor, purpose: CeremonyPurpose = CeremonyPurpose.LOGIN, mfa_token: str = ""
) -> dict[str, Any]:
    """What a browser asks an authenticator with.

    Args:
        purpose: STEP_UP needs a signed-in caller and is bound to them.
        mfa_token: of a login whose password was right: for its second step, bound to that user.

    Raises:
        NotAuthenticated: a step-up of nobody.
        MfaInvalid: no such half login.

    Effects: one ceremony. Without `mfa_token` a login names no credentials, so that it tells nothing.
    """
    owner: int | None = None
    if mfa_token:
        half_login = mfa_challenge_find_open(mfa_token)
        if half_login is None:
            raise MfaInvalid
        purpose, owner = CeremonyPurpose.MFA, half_login.user_id
    elif purpose == CeremonyPurpose.STEP_UP:
        if actor.user_id is None:
            raise NotAuthenticated
        owner = user_pk(actor.user_id)
    return webauthn.request_options(
        challenge=ceremony_open(purpose, owner), allowed=credentials_of(owner) if owner else []
    )


def half_login_passkey_options(*, mfa_token: str) -> dict[str, Any] | None:
    """`login_options` for the second step of a login; None without a passkey, or when it can't go on."""
    half_login = mfa_challenge_find_open(mfa_token)
    if half_login is None or Factor.PASSKEY not in second_factors(half_login.user_id):
        return None
    return login_options(actor=ANONYMOUS, mfa_token=mfa_token)


def passkey_login(
    *,
    actor: Actor,
    credential: Any,
    mfa_token: str = "",
    transport: TokenTransport = TokenTransport.COOKIE,
) -> Granted:
    """Open a session with a passkey alone, or complete a login whose password was right.

    The passkey verifies its user, so it is two factors in itself.

    Raises:
        MfaInvalid: whatever is wrong with the answer, the challenge or the half login.
        RateLimited: too many failures from this address, or of this account's second factor.
        AccountDisabled: proved, and the user is suspended or closed.

    Effects: as `passkey_use` and `login_complete`.
    """
    if mfa_token:
        return mfa_answer(
            actor=actor,
            mfa_token=mfa_token,
            prove=lambda user: passkey_factor(credential, CeremonyPurpose.MFA, user=user),
        )
    passkey = proof_attempt(
        actor=actor,
        user=None,
        subjects=lockout.address_subject(context.current().ip),
        check=lambda: passkey_use(credential, CeremonyPurpose.LOGIN),
    )
    return _enter(passkey, transport)


@transactional
def _insert(actor: Actor, pk: int, new: NewCredential, name: str) -> PasskeyAdded:
    user = user_lock(pk)
    if Passkey.objects.filter(user=user).count() >= PASSKEYS_MAX_COUNT:
        raise _refusal("limit")
    passkey = Passkey(
        user=user,
        name=name or device_name(context.current().user_agent)[:PASSKEY_NAME_MAX_LENGTH] or "Passkey",
        credential_hash=webauthn.credential_hash(new.credential_id),
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        transports=new.transports,
        is_backup_eligible=new.is_backup_eligible,
        is_backed_up=new.is_backed_up,
    )
    try:
        passkey.save(force_insert=True)
    except IntegrityError:
        raise _refusal("taken") from None
    session = session_of(actor, user)
    Session.objects.filter(pk=session.pk).update(mfa_at=clock.now())
    activity_record(
        user,
        ActivityKind.PASSKEY_ADDED,
        session=session,
        name=passkey.name,
        passkey_id=passkey.public_id,
    )
    passkey_audit(actor, passkey, "auth.passkey_added")
    return PasskeyAdded(passkey, factor_added(user))


@transactional
def _enter(passkey: Passkey, transport: TokenTransport) -> Granted:
    """Whoever removed the passkey since it was checked, or denied it, lets nobody in with it any more."""
    user = user_lock(passkey.user_id)
    if not Passkey.objects.filter(pk=passkey.pk).exists():
        raise MfaInvalid
    return login_complete(user, transport, method=LoginMethod.PASSKEY, with_factor=True)


def _refusal(code: str) -> ValidationFailed:
    text = REFUSALS.get(code, "This is not a passkey that was made for this account here.")
    return ValidationFailed({"credential": [(code, text)]})
