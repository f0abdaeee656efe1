"""What anybody can cause to be told by naming an address: mails they ask for, and a lock of logins.

The request itself writes one row and one event, whoever the address belongs to, so that neither its answer
nor its time tells; the address is looked up afterwards, by the consumer of that event.
"""

import json

from accounts.constants import MailPurpose, MailRequestPurpose
from accounts.models import MailRequest, User
from accounts.rules import email_normalise
from accounts.selectors import address_is_denied, user_by_email
from accounts.services.activity import locked_record
from accounts.services.mail_tokens import mail_token_open
from accounts.signals import mail_asked, reset_requested, verification_requested
from ogc import context
from ogc.actors import Actor
from ogc.context import RequestContext
from ogc.db.transactions import transactional
from ogc.seal import seal, unseal

SEAL_PURPOSE = "accounts.mail-request"


@transactional
def verification_resend(*, actor: Actor, email: str) -> None:
    """Ask for another verification mail; mailed to accounts that need one. Effects: see `_ask`."""
    _ask(MailRequestPurpose.VERIFY_EMAIL, email_normalise(email))


@transactional
def password_forgotten(*, actor: Actor, email: str) -> None:
    """Ask for a mail to choose a new password; mailed to accounts that may log in. Effects: see `_ask`."""
    _ask(MailRequestPurpose.RESET_PASSWORD, email_normalise(email))


def lock_tell(*, email: str, what: str) -> None:
    """Tell whoever has this address that it is locked, in the caller's transaction. Effects: see `_ask`.

    Args:
        email: normalised.
        what: the kind of counter, see `services.lockout`.
    """
    here = context.current()
    _ask(MailRequestPurpose.LOCKED, json.dumps([email, what, here.ip, here.user_agent]))


def _ask(purpose: MailRequestPurpose, text: str) -> None:
    """Effects: one row that holds the text sealed, one event with the row's id."""
    sealed = seal(SEAL_PURPOSE, text.encode(), _bound(purpose))
    row = MailRequest.objects.create(purpose=purpose, address_sealed=sealed)
    mail_asked.emit(mail_request_id=row.public_id)


@transactional
def mail_request_answer(*, actor: Actor, mail_request_id: str) -> None:
    """Mail what was asked for, if the address belongs to somebody who may have it: not to an address that
    the person of the account said somebody else had set. A lock becomes a line of the timeline.

    Effects: the request is deleted, whatever it leads to; a mail token and its event.

    Idempotency: a request that is gone was answered.
    """
    row = MailRequest.objects.filter(public_id=mail_request_id).first()
    if row is None:
        return
    text = unseal(SEAL_PURPOSE, bytes(row.address_sealed), _bound(row.purpose)).decode()
    if not MailRequest.objects.filter(pk=row.pk).delete()[0]:
        return
    if row.purpose == MailRequestPurpose.LOCKED:
        _lock_answer(*json.loads(text))
        return
    user = user_by_email(text)
    if user is None or not user.is_active or address_is_denied(user):
        return
    if row.purpose == MailRequestPurpose.RESET_PASSWORD:
        reset_request(user)
    elif not user.email_verified:
        verification_request(user)


def _lock_answer(email: str, what: str, ip: str, user_agent: str) -> None:
    user = user_by_email(email)
    if user is not None:
        locked_record(user, what, here=RequestContext(ip=ip, user_agent=user_agent))


def verification_request(user: User) -> None:
    """A new verification token and the event that mails it, in the caller's transaction."""
    token = mail_token_open(user, MailPurpose.VERIFY_EMAIL)
    verification_requested.emit(user_id=user.public_id, mail_token_id=token.public_id)


def reset_request(user: User) -> None:
    """A new reset token and the event that mails it, in the caller's transaction."""
    token = mail_token_open(user, MailPurpose.RESET_PASSWORD)
    reset_requested.emit(user_id=user.public_id, mail_token_id=token.public_id)


def _bound(purpose: str) -> bytes:
    return str(purpose).encode()
