"""Changing the address of an account: asked with the password, proved by a mail to the new address."""

from django.db import IntegrityError

from accounts.constants import ActivityKind, MailPurpose, SessionEnd, UserStatus
from accounts.errors import EmailInUse, PasswordWrong, VerificationTokenInvalid, WeakPassword
from accounts.locks import user_lock
from accounts.models import User
from accounts.rules import email_normalise, password_is_like
from accounts.selectors import user_pk
from accounts.services.activity import activity_record
from accounts.services.confirmations import password_confirm
from accounts.services.mail_tokens import mail_token_find, mail_token_open, mail_token_use, mail_tokens_drop
from accounts.services.sessions import sessions_end
from accounts.signals import email_change_requested, email_verified
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import AccountDisabled, NotFound, PermissionDenied, ValidationFailed
from ogc.ports import audit_record


def email_change_ask(*, actor: Actor, new_email: str, password: str) -> None:
    """Ask to use another address. Nothing changes until a token mailed to that address comes back.

    Whether the new address is somebody's is not looked up here, so neither answer nor time tells: whoever
    mails the token looks, and mails the holder a notice instead.

    Raises:
        RateLimited, PasswordWrong: see `password_confirm`; PasswordWrong too when it was changed meanwhile.
        ValidationFailed: it is the caller's address already.
        WeakPassword: the password is like the new address.
        AccountDisabled: suspended or closed in the meantime.

    Effects: token (earlier ones of this kind die), line of the timeline, which the old address is told of,
        event `email_change_requested`, audit record.
    """
    email = email_normalise(new_email)
    user = password_confirm(actor=actor, password=password)
    if email == user.email:
        raise ValidationFailed({"new_email": [("unchanged", "This is your address already.")]})
    if password_is_like(password, [email]):
        message = "Your password is like the new address: change it first."
        raise WeakPassword(password=[{"code": "too_similar", "message": message}])
    _ask(actor, user, email)


@transactional
def _ask(actor: Actor, confirmed: User, email: str) -> None:
    user = user_lock(confirmed.pk)
    if not user.is_active:
        raise AccountDisabled
    if user.password != confirmed.password:
        raise PasswordWrong
    mail_tokens_drop(user.pk, MailPurpose.CHANGE_EMAIL)
    token = mail_token_open(user, MailPurpose.CHANGE_EMAIL, email=email)
    _record(actor, user, ActivityKind.EMAIL_CHANGE_ASKED, email)
    email_change_requested.emit(user_id=user.public_id, mail_token_id=token.public_id)
    audit_record(actor=actor, action="auth.email_change_asked", target_type="user", target_id=user.public_id)


@transactional
def email_change_confirm(*, actor: Actor, token: str) -> User:
    """Take a token that was mailed to the new address as proof of it, and use that address from now on.

    Raises:
        VerificationTokenInvalid: forged, used, older than 24 hours, or asked for by somebody else.
        EmailInUse: the address became somebody's in the meantime.

    Effects: locks the user; the address is verified; all other sessions end; all mailed tokens die; line of
        the timeline, which the old address is told of; the first time, event `email_verified`; audit record.
    """
    row = mail_token_find(token, MailPurpose.CHANGE_EMAIL)
    if row is None or row.user_id != user_pk(actor.user_id or ""):
        raise VerificationTokenInvalid
    user = user_lock(row.user_id)
    if not user.is_active or not mail_token_use(row):
        raise VerificationTokenInvalid
    was_verified = user.email_verified
    _record(actor, user, ActivityKind.EMAIL_CHANGED, row.email)
    _address_set(user, row.email)
    mail_tokens_drop(user.pk, MailPurpose.VERIFY_EMAIL, MailPurpose.RESET_PASSWORD)
    sessions_end(user, SessionEnd.EMAIL, except_session_id=actor.session_id)
    if not was_verified:
        email_verified.emit(user_id=user.public_id)
    audit_record(actor=actor, action="auth.email_changed", target_type="user", target_id=user.public_id)
    return user


@transactional
def email_replace(*, actor: Actor, user_id: str, new_email: str, reason: str) -> User:
    """Give an account another address, by an operator who knows that it is its owner's.

    For people whose old address is lost, or is a stranger's by now: so the old one is told, but can't deny it
    and does not come back.

    Raises:
        PermissionDenied: anybody but the system itself; people use `email_change_ask`.
        NotFound: no such user, or the account is closed.
        EmailInUse: it is somebody's, this user's too.

    Effects: locks the user; the address counts as proved; all sessions end; all mailed tokens die; line of
        the timeline; the first time, event `email_verified`; audit record (critical).
    """
    if actor.kind != "system":
        raise PermissionDenied
    user = user_lock(user_pk(user_id))
    email, old_email, was_verified = email_normalise(new_email), user.email, user.email_verified
    if user.status == UserStatus.CLOSED:
        raise NotFound
    if email == old_email:
        raise EmailInUse
    activity_record(
        user, ActivityKind.EMAIL_CHANGED, old_email=old_email, new_email=email, reason=SessionEnd.STAFF
    )
    _address_set(user, email)
    mail_tokens_drop(user.pk, *MailPurpose)
    sessions_end(user, SessionEnd.STAFF)
    if not was_verified:
        email_verified.emit(user_id=user.public_id)
    audit_record(
        actor=actor,
        action="auth.email_replaced",
        target_type="user",
        target_id=user.public_id,
        severity="critical",
        reason=reason,
    )
    return user


def _address_set(user: User, email: str) -> None:
    user.email, user.email_verified_at = email, clock.now()
    try:
        user.save(update_fields=["email", "email_verified_at"])
    except IntegrityError as error:
        raise EmailInUse from error


def _record(actor: Actor, user: User, kind: ActivityKind, new_email: str) -> None:
    """A line that keeps both addresses: the mails about it take theirs from there; and whether the old one,
    which is still the user's, was proved, as it may come back.
    """
    activity_record(
        user,
        kind,
        actor=actor,
        old_email=user.email,
        old_proved=user.email_verified,
        new_email=new_email,
    )
