"""Mail tokens: the one place that opens them."""

import secrets
from datetime import timedelta

from accounts.constants import EMAIL_CHANGE_SECONDS, RESET_SECONDS, VERIFICATION_SECONDS, MailPurpose
from accounts.models import MailToken, User
from ogc import clock

LIFE_SECONDS = {
    MailPurpose.VERIFY_EMAIL: VERIFICATION_SECONDS,
    MailPurpose.RESET_PASSWORD: RESET_SECONDS,
    MailPurpose.CHANGE_EMAIL: EMAIL_CHANGE_SECONDS,
}


def mail_token_open(user: User, purpose: MailPurpose, *, email: str = "") -> MailToken:
    """A new token in the caller's transaction, which also emits the event that mails it.

    Args:
        email: where the mail goes, normalised; empty: to the user's own address.
    """
    return MailToken.objects.create(
        user=user,
        purpose=purpose,
        nonce=secrets.token_hex(16),
        email=email,
        expires_at=clock.now() + timedelta(seconds=LIFE_SECONDS[purpose]),
    )
