"""What keeps a person from giving or receiving tokens; asked under the lock of their account."""

from django.conf import settings

from accounts.constants import UserStatus
from ogc import clock
from ogc.errors import AccountDisabled, EmailNotVerified, TermsAcceptanceRequired
from wallets.constants import WalletStatus
from wallets.locks import Party


def giver_check(giver: Party) -> None:
    """Whether this person may move money out.

    Raises:
        AccountDisabled, EmailNotVerified, TermsAcceptanceRequired: in this order.
    """
    if not _is_active(giver):
        raise AccountDisabled
    if giver.user_verified_at is None:
        raise EmailNotVerified
    if settings.TERMS_VERSION and giver.user_terms_version != settings.TERMS_VERSION:
        raise TermsAcceptanceRequired


def may_receive(party: Party) -> bool:
    """Whether tokens can be sent to this person: open, verified, with a wallet that is not closed."""
    return (
        _is_active(party)
        and party.user_verified_at is not None
        and party.wallet_status != WalletStatus.CLOSED
    )


def _is_active(party: Party) -> bool:
    """Whether the owner's account is open; a suspension whose end is over does not count."""
    if party.user_status != UserStatus.SUSPENDED:
        return party.user_status == UserStatus.ACTIVE
    until = party.user_suspended_until
    return until is not None and until <= f"{clock.now():%Y-%m-%d %H:%M:%S.%f}"
