"""Registration and the proof of an address."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts import ports
from accounts.constants import FREE_PLAN, MailPurpose, UserStatus
from accounts.errors import EmailInUse, VerificationTokenInvalid, WeakPassword
from accounts.locks import user_lock
from accounts.models import MailToken, Plan, User
from accounts.rules import email_normalise
from accounts.selectors import MAIL_TOKEN_PURPOSE, mail_token_parts, user_by_email, user_pk
from accounts.services.mail_tokens import mail_token_open
from accounts.signals import email_verified, user_registered, verification_requested
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from ogc.ports import audit_record
from ogc.seal import signature_matches


def user_register(*, actor: Actor, email: str, password: str, name: str, terms_version: str = "") -> User:
    """Create an account with its wallet; a verification mail follows.

    Raises:
        WeakPassword: see `validators`.
        EmailInUse: also when two register the address at once.

    Effects: user, wallet, mail token, audit record, events `user_registered` and `verification_requested`,
    all in one transaction.
    """
    user = User(email=email_normalise(email), name=name, terms_version=terms_version)
    password_require_strong(password, user)
    user.password = make_password(password)
    return _create(actor, user)


def password_require_strong(password: str, user: User) -> None:
    """Raises: WeakPassword, with each problem."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = [
            {"code": problem.code or "invalid", "message": problem.messages[0]}
            for problem in error.error_list
        ]
        raise WeakPassword(password=problems) from None


@transactional
def _create(actor: Actor, user: User) -> User:
    user_insert(user)
    audit_record(actor=actor, action="auth.registered", target_type="user", target_id=user.public_id)
    user_registered.emit(user_id=user.public_id)
    verification_request(user)
    return user


def user_insert(user: User) -> None:
    """Write the row and what must exist with it. Raises: EmailInUse."""
    if user.plan_id is None:
        user.plan = Plan.objects.get(slug=FREE_PLAN)
    try:
        user.save(force_insert=True)
    except IntegrityError as error:
        raise EmailInUse from error
    ports.open_wallet(user.pk, user.public_id)


def verification_request(user: User) -> None:
    """A new verification token and the event that mails it; older ones stay good until one is used."""
    token = mail_token_open(user, MailPurpose.VERIFY_EMAIL)
    verification_requested.emit(user_id=user.public_id, mail_token_id=token.public_id)


@transactional
def verification_resend(*, actor: Actor, email: str) -> None:
    """Mail another verification token to an account that needs one; does not say whether there is one."""
    user = user_by_email(email)
    if user is not None and user.is_active and not user.email_verified:
        verification_request(user)


@transactional
def email_verify(*, actor: Actor, token: str) -> User:
    """Take a mailed token as proof of the address.

    Raises:
        VerificationTokenInvalid: not ours, of another purpose, used, or older than 24 hours.

    Effects: the tokens of this purpose are used up; event `email_verified`; audit record.
    """
    row = _verification_token(token)
    user = user_lock(row.user_id)
    unused = MailToken.objects.filter(user=user, purpose=row.purpose, used_at=None)
    if user.email_verified or not unused.filter(pk=row.pk).exists():
        raise VerificationTokenInvalid
    now = clock.now()
    unused.update(used_at=now)
    _mark_verified(actor, user, now)
    return user


@transactional
def email_verify_untold(*, actor: Actor, user_id: str) -> None:
    """Take an address as proved without a token, as the faucet of a local run does; again: no effect.

    Raises:
        NotFound: no such user, or the account is closed.

    Effects: event `email_verified`; audit record.
    """
    user = user_lock(user_pk(user_id))
    if user.status == UserStatus.CLOSED:
        raise NotFound
    if not user.email_verified:
        _mark_verified(actor, user, clock.now())


def _mark_verified(actor: Actor, user: User, now: datetime) -> None:
    user.email_verified_at = now
    user.save(update_fields=["email_verified_at"])
    audit_record(actor=actor, action="auth.email_verified", target_type="user", target_id=user.public_id)
    email_verified.emit(user_id=user.public_id)


def _verification_token(text: str) -> MailToken:
    token_id, _, signature = text.partition(".")
    row = MailToken.objects.filter(public_id=token_id, purpose=MailPurpose.VERIFY_EMAIL).first()
    if row is None or not signature_matches(MAIL_TOKEN_PURPOSE, signature, *mail_token_parts(row)):
        raise VerificationTokenInvalid
    if row.expires_at <= clock.now():
        raise VerificationTokenInvalid
    return row
