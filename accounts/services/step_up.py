"""Step-ups: proving once more, within a session, that it is still the same person."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from accounts.constants import STEP_UP_SECONDS, ActivityKind, CeremonyPurpose, Factor
from accounts.errors import StepUpRequired
from accounts.locks import user_lock
from accounts.models import Session, User
from accounts.selectors import second_factors, step_up_factors, user_get
from accounts.services import lockout
from accounts.services.activity import activity_record
from accounts.services.confirmations import password_confirm, proof_attempt
from accounts.services.factors import code_use, factor_use_record
from accounts.services.passkey_proofs import passkey_factor
from accounts.step_up import STEP_UP
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import TokenInvalid, ValidationFailed


def require_step_up(actor: Actor, action: str, *, amount: int | None = None) -> None:
    """Go on only when the caller's session has a step-up that is fresh enough for this action.

    Args:
        action: a row of `accounts.step_up.STEP_UP`.
        amount: base units (sum of 24 hours with this one), for rules that begin at an amount.

    Raises:
        StepUpRequired: `details.factors` lists with what it can be given.

    Effects: none; one query where the rule applies. The system itself and services have no session and
        need none.
    """
    if step_up_is_needed(actor, action, amount=amount):
        raise StepUpRequired(factors=step_up_factors(actor.user_id or ""))


def step_up_is_needed(actor: Actor, action: str, *, amount: int | None = None) -> bool:
    """Whether `require_step_up` would refuse, with the same arguments and queries."""
    rule = STEP_UP[action]
    if actor.kind != "user":
        return False
    if rule.from_setting is not None and (amount or 0) < getattr(settings, rule.from_setting):
        return False
    since = clock.now() - timedelta(seconds=STEP_UP_SECONDS)
    session = Session.objects.filter(public_id=actor.session_id or "", ended_at=None).first()
    if session is None:
        return True
    if session.stepped_up_at is not None and session.stepped_up_at > since:
        return False
    return not (rule.login_counts and session.created_at > since)


def step_up(
    *, actor: Actor, password: str | None = None, code: str | None = None, passkey: Any = None
) -> None:
    """Prove within a session that it is still the same person; it counts for STEP_UP_SECONDS.

    Args:
        password: for accounts without a second factor only.
        code: of the authenticator app, or a recovery code.
        passkey: an assertion for the purpose `step_up`, as `PublicKeyCredential.toJSON()` gives it.

    Raises:
        ValidationFailed: not exactly one of them, or a password where there is a factor.
        RateLimited: too many failures within this session; those from outside do not count here.
        PasswordWrong, MfaInvalid: wrong; counted and audited.
        TokenInvalid: the session ended meanwhile.

    Effects: locks the counter of the session, then the user; timeline. A second factor given here is one of
        the session, as if it had been given at the login.
    """
    if [password, code, passkey].count(None) != 2:
        raise ValidationFailed({"code": [("one_of", "Send exactly one way to prove that it is you.")]})
    user = user_get(actor.user_id or "")
    if password is not None:
        _require_password_is_enough(user)
        password_confirm(actor=actor, password=password)
        _stamp_password(actor, user.pk)
    else:
        proof_attempt(
            actor=actor,
            user=user,
            subjects=lockout.confirm_subjects(actor),
            check=lambda: _stamp_factor(actor, user.pk, code, passkey),
        )


def _require_password_is_enough(user: User) -> None:
    factors = second_factors(user.pk)
    if factors:
        text = f"This account has another factor: {', '.join(factors)}."
        raise ValidationFailed({"password": [("factor_needed", text)]})


@transactional
def _stamp_password(actor: Actor, pk: int) -> None:
    user = user_lock(pk)
    _require_password_is_enough(user)
    _stamp(actor, user, Factor.PASSWORD)


def _stamp_factor(actor: Actor, pk: int, code: str | None, passkey: Any) -> Factor | None:
    user = user_lock(pk)
    if code is not None:
        factor = code_use(user, code)
    else:
        factor = passkey_factor(passkey, CeremonyPurpose.STEP_UP, user=user)
    if factor is not None:
        _stamp(actor, user, factor)
    return factor


def _stamp(actor: Actor, user: User, factor: Factor) -> None:
    now, session = clock.now(), session_of(actor, user)
    session.stepped_up_at = now
    if factor is not Factor.PASSWORD and session.mfa_at is None:
        session.mfa_at = now
    session.save(update_fields=["stepped_up_at", "mfa_at"])
    activity_record(user, ActivityKind.STEP_UP, session=session, factor=factor.value)
    factor_use_record(user, factor, session_id=session.public_id)


def session_of(actor: Actor, user: User) -> Session:
    """The caller's living session. Raises: TokenInvalid: it ended meanwhile."""
    session = Session.objects.filter(public_id=actor.session_id or "", user=user, ended_at=None).first()
    if session is None:
        raise TokenInvalid
    return session
