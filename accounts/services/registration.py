"""Registration and the proof of an address."""

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from accounts import ports
from accounts.constants import FREE_PLAN, MailPurpose, UserStatus
from accounts.errors import EmailInUse, VerificationTokenInvalid
from accounts.locks import user_lock
from accounts.models import Plan, User
from accounts.rules import email_normalise
from accounts.selectors import user_pk
from accounts.services.mail_requests import verification_request
from accounts.services.mail_tokens import mail_token_find, mail_token_use
from accounts.services.passwords import email_mark_verified, password_require_strong
from accounts.services.terms import terms_require_current
from accounts.signals import user_registered
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from ogc.ports import audit_record


def user_register(*, actor: Actor, email: str, password: str, name: str, terms_version: str = "") -> User:
    """Create an account with its wallet; a verification mail follows.

    Raises:
        WeakPassword: see `validators`.
        EmailInUse: also when two register the address at once.
        ValidationFailed: terms other than the current ones; naming none is allowed, they are then accepted
            before the first move of money.

    Effects: user, wallet, mail token, audit record, events `user_registered` and `verification_requested`,
    all in one transaction.
    """
    user = User(email=email_normalise(email), name=name, terms_version=terms_version)
    if terms_version:
        terms_require_current(terms_version, field="terms_version")
        user.terms_accepted_at = clock.now()
    password_require_strong(password, user)
    user.password = make_password(password)
    return _create(actor, user)


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


@transactional
def email_verify(*, actor: Actor, token: str) -> User:
    """Take a mailed token as proof of the address.

    Raises:
        VerificationTokenInvalid: not ours, of another purpose, used, or older than 24 hours.

    Effects: the tokens of this purpose are used up; event `email_verified`; audit record.
    """
    row = mail_token_find(token, MailPurpose.VERIFY_EMAIL)
    if row is None:
        raise VerificationTokenInvalid
    user = user_lock(row.user_id)
    if user.email_verified or not mail_token_use(row):
        raise VerificationTokenInvalid
    email_mark_verified(actor, user)
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
        email_mark_verified(actor, user)
