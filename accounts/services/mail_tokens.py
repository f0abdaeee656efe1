"""Mailed tokens: issued, found by their text, used once."""

import secrets
from datetime import timedelta

from accounts.constants import (
    DENIAL_UNDO_DAYS,
    EMAIL_CHANGE_SECONDS,
    RESET_SECONDS,
    VERIFICATION_SECONDS,
    MailPurpose,
)
from accounts.models import Activity, MailToken, User
from accounts.selectors import MAIL_TOKEN_PURPOSE, mail_token_parts
from ogc import clock
from ogc.seal import signature_matches

LIFE_SECONDS = {
    MailPurpose.VERIFY_EMAIL: VERIFICATION_SECONDS,
    MailPurpose.RESET_PASSWORD: RESET_SECONDS,
    MailPurpose.CHANGE_EMAIL: EMAIL_CHANGE_SECONDS,
    MailPurpose.DENY_ACTIVITY: DENIAL_UNDO_DAYS * 24 * 3600,
}


def mail_token_open(
    user: User, purpose: MailPurpose, *, email: str = "", activity: Activity | None = None
) -> MailToken:
    """A new token; older ones of its purpose stay good until one is used.

    Args:
        email: where the mail goes and what the token proves; empty: the user's own address.
        activity: the line that the token denies.
    """
    return MailToken.objects.create(
        user=user,
        purpose=purpose,
        nonce=secrets.token_hex(16),
        email=email,
        activity=activity,
        expires_at=clock.now() + timedelta(seconds=LIFE_SECONDS[purpose]),
    )


def mail_token_find(text: str, purpose: MailPurpose) -> MailToken | None:
    """The token with this text, with its user; None when forged, of another purpose, used or expired."""
    token_id, _, signature = text.partition(".")
    row = MailToken.objects.select_related("user").filter(public_id=token_id, purpose=purpose).first()
    if row is None or not signature_matches(MAIL_TOKEN_PURPOSE, signature, *mail_token_parts(row)):
        return None
    return None if row.used_at is not None or row.expires_at <= clock.now() else row


def mail_token_use(token: MailToken) -> bool:
    """Use a token up, and with it all others of its user and purpose; False when somebody was quicker.

    Those that deny a line stand each for itself. The caller has locked the user.
    """
    now = clock.now()
    mine = MailToken.objects.filter(pk=token.pk, used_at=None, expires_at__gt=now)
    if not mine.update(used_at=now):
        return False
    if token.purpose != MailPurpose.DENY_ACTIVITY:
        mail_tokens_drop(token.user_id, MailPurpose(token.purpose))
    return True


def mail_tokens_drop(user_pk: int, *purposes: MailPurpose) -> None:
    """No token of these purposes that was mailed so far is good any more."""
    unused = MailToken.objects.filter(user_id=user_pk, purpose__in=purposes, used_at=None)
    unused.update(used_at=clock.now())


def denial_tokens_drop(user: User) -> None:
    """What was mailed to an address that the user does not have denies nothing any more."""
    unused = MailToken.objects.filter(user=user, purpose=MailPurpose.DENY_ACTIVITY, used_at=None)
    unused.exclude(email=user.email).update(used_at=clock.now())
