"""Passwords: what makes one acceptable, and choosing a new one."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts import ports
from accounts.constants import ActivityKind, MailPurpose, SessionEnd
from accounts.errors import PasswordWrong, ResetTokenInvalid, WeakPassword
from accounts.locks import user_lock
from accounts.models import MailToken, User
from accounts.rules import password_is_like, password_normalise
from accounts.selectors import user_get
from accounts.services import lockout
from accounts.services.activity import activity_record
from accounts.services.confirmations import password_confirm
from accounts.services.factors import factors_delete
from accounts.services.mail_tokens import mail_token_find, mail_token_use, mail_tokens_drop
from accounts.services.sessions import sessions_end
from accounts.signals import email_verified
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import AccountDisabled, PermissionDenied
from ogc.ports import audit_record

PENDING_ADDRESSES_CHECKED = 5


def password_require_strong(password: str, user: User) -> None:
    """Raises: WeakPassword, with each problem. The address of a pending change counts as the user's too."""
    password, problems = password_normalise(password), []
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = [(problem.code or "invalid", problem.messages[0]) for problem in error.error_list]
    if user.pk and password_is_like(password, _pending_addresses(user)):
        problems.append(("too_similar", "A password is not like your new address."))
    if problems:
        raise WeakPassword(password=[{"code": code, "message": message} for code, message in problems])


def _pending_addresses(user: User) -> list[str]:
    pending = MailToken.objects.filter(
        user=user, purpose=MailPurpose.CHANGE_EMAIL, used_at=None, expires_at__gt=clock.now()
    )
    return list(pending.order_by("-id").values_list("email", flat=True)[:PENDING_ADDRESSES_CHECKED])


def password_reset(*, actor: Actor, token: str, new_password: str) -> None:
    """Set a new password by a mailed token; nobody is signed in by it.

    The mail reached the address, so the token proves it as a verification does. A second factor stays on,
    unless nobody had proved the address before: then all that could open the account is taken off.

    Raises:
        ResetTokenInvalid: forged, used, older than 30 minutes, or the account is suspended or closed.
        WeakPassword: the token stays good.

    Effects: all sessions end; all reset and change-of-address tokens die; the account's counter of failed
        logins is cleared; audit record; line of the timeline.
    """
    row = mail_token_find(token, MailPurpose.RESET_PASSWORD)
    if row is None or not row.user.is_active:
        raise ResetTokenInvalid
    password_require_strong(new_password, row.user)
    _reset(actor, row, make_password(new_password))


@transactional
def _reset(actor: Actor, token: MailToken, hashed: str) -> None:
    user = user_lock(token.user_id)
    if not user.is_active or not mail_token_use(token):
        raise ResetTokenInvalid
    password_set(user, hashed)
    if not user.email_verified:
        _unproved_forget(user)
        email_mark_verified(actor, user)
    sessions_end(user, SessionEnd.PASSWORD)
    lockout.forget_old_password(user)
    activity_record(user, ActivityKind.PASSWORD_RESET)
    audit_record(actor=actor, action="auth.password_reset", target_type="user", target_id=user.public_id)


def _unproved_forget(user: User) -> None:
    """Take off what was added before anybody proved the address: it may be a stranger's, who registered it
    and waits for its owner with a passkey or a wallet of their own.
    """
    factors_delete(user)
    ports.unlink_address(user.public_id, "added before the address was proved")


def password_change(*, actor: Actor, old_password: str, new_password: str) -> None:
    """Set a new password for the caller, who gives the old one.

    Raises:
        RateLimited, PasswordWrong: see `password_confirm`; PasswordWrong too when it was changed meanwhile.
        WeakPassword: also when it is the old one.
        AccountDisabled: suspended or closed in the meantime.

    Effects: all other sessions end; see `password_set`; audit record; line of the timeline.
    """
    user = password_confirm(actor=actor, password=old_password)
    password_require_strong(new_password, user)
    if user.check_password(new_password):
        raise WeakPassword(password=[{"code": "unchanged", "message": "This is your password already."}])
    _change(actor, user, make_password(new_password))


@transactional
def _change(actor: Actor, confirmed: User, hashed: str) -> None:
    user = user_lock(confirmed.pk)
    if not user.is_active:
        raise AccountDisabled
    if user.password != confirmed.password:
        raise PasswordWrong
    password_set(user, hashed)
    sessions_end(user, SessionEnd.PASSWORD, except_session_id=actor.session_id)
    activity_record(user, ActivityKind.PASSWORD_CHANGED, actor=actor)
    audit_record(actor=actor, action="auth.password_changed", target_type="user", target_id=user.public_id)


def password_replace(*, actor: Actor, user_id: str, new_password: str, reason: str) -> None:
    """Set a new password for somebody who gets no mail, by an operator at the machine.

    Raises:
        PermissionDenied: anybody but the system itself; people use `password_reset`.
        NotFound: no such user.
        WeakPassword: see `validators`.

    Effects: as `password_reset`, but the address is not taken as proved.
    """
    if actor.kind != "system":
        raise PermissionDenied
    user = user_get(user_id)
    password_require_strong(new_password, user)
    _replace(actor, user.pk, make_password(new_password), reason)


@transactional
def _replace(actor: Actor, pk: int, hashed: str, reason: str) -> None:
    user = user_lock(pk)
    password_set(user, hashed)
    sessions_end(user, SessionEnd.PASSWORD)
    lockout.forget_old_password(user)
    activity_record(user, ActivityKind.PASSWORD_RESET)
    audit_record(
        actor=actor,
        action="auth.password_reset",
        target_type="user",
        target_id=user.public_id,
        severity="critical",
        reason=reason,
    )


def password_set(user: User, hashed: str) -> None:
    """Write the hash of a new password for a user whose row the caller has locked.

    Effects: mailed tokens of resets and changes of address die. Half logins die with the sessions, which
        the caller ends.
    """
    user.password = hashed
    user.save(update_fields=["password"])
    mail_tokens_drop(user.pk, MailPurpose.RESET_PASSWORD, MailPurpose.CHANGE_EMAIL)


def email_mark_verified(actor: Actor, user: User) -> None:
    """Take the address of a user whose row the caller has locked as proved.

    Effects: verification tokens are used up; audit record; event `email_verified`.
    """
    user.email_verified_at = clock.now()
    user.save(update_fields=["email_verified_at"])
    mail_tokens_drop(user.pk, MailPurpose.VERIFY_EMAIL)
    audit_record(actor=actor, action="auth.email_verified", target_type="user", target_id=user.public_id)
    email_verified.emit(user_id=user.public_id)
