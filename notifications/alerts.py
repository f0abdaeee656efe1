"""What the mail about each alerting line of the timeline says; pure texts.

`{device}` stands for the device in words. Nothing here names an address: what a delivery keeps must not.
"""

from dataclasses import dataclass

from accounts.constants import ActivityKind

UNKNOWN_DEVICE = "an unknown device"


@dataclass(frozen=True, slots=True)
class Alert:
    """The subject, and one or two sentences that begin in lower case, since they follow a greeting."""

    what: str
    happened: str


ALERTS: dict[ActivityKind, Alert] = {
    ActivityKind.NEW_DEVICE: Alert(
        "New login from {device}",
        "there was a login to your account from a device or a network that is new to it.",
    ),
    ActivityKind.LOCKED: Alert(
        "Account locked after failed logins",
        "passwords or codes for your account were wrong several times, so it takes none for a while. "
        "Sessions that exist go on.",
    ),
    ActivityKind.PASSWORD_CHANGED: Alert(
        "Password changed", "the password of your account was changed. All other sessions were ended."
    ),
    ActivityKind.PASSWORD_RESET: Alert(
        "Password reset",
        "a new password was set for your account with a link that we mailed. All sessions were ended.",
    ),
    ActivityKind.TOTP_ADDED: Alert(
        "Two-factor turned on", "an authenticator app was added to your account: logins ask for its code now."
    ),
    ActivityKind.TOTP_REMOVED: Alert(
        "Authenticator app removed", "the authenticator app was removed from your account."
    ),
    ActivityKind.RECOVERY_CODE_USED: Alert(
        "Recovery code used",
        "one of your recovery codes was used in place of a second factor. It does not work again.",
    ),
    ActivityKind.RECOVERY_CODES_MADE: Alert(
        "New recovery codes", "new recovery codes were made for your account. The old ones no longer work."
    ),
    ActivityKind.PASSKEY_ADDED: Alert(
        "Passkey added", "a passkey was added to your account. Logins are possible with it."
    ),
    ActivityKind.PASSKEY_REMOVED: Alert("Passkey removed", "a passkey was removed from your account."),
    ActivityKind.PASSKEY_CLONED: Alert(
        "A passkey may have been copied",
        "a passkey of your account gave an answer that only a copy of it could give, so we refused it. "
        "Remove that passkey and add a new one.",
    ),
    ActivityKind.FACTORS_CLEARED: Alert(
        "Two-factor turned off by our staff",
        "our staff removed all second factors from your account: a password is enough to log in now.",
    ),
    ActivityKind.ADDRESS_LINKED: Alert(
        "Wallet address linked", "a wallet address was linked to your account. Logins are possible with it."
    ),
    ActivityKind.ADDRESS_UNLINKED: Alert(
        "Wallet address unlinked", "the wallet address was unlinked from your account."
    ),
}


def alert_texts(kind: str, device: str) -> dict[str, str]:
    """`what` and `happened` for a line of this kind.

    Raises:
        KeyError: a kind that does not alert.
    """
    alert = ALERTS[ActivityKind(kind)]
    return {"what": alert.what.format(device=device or UNKNOWN_DEVICE), "happened": alert.happened}


def address_masked(email: str) -> str:
    """An address that its owner recognises: first letter and domain."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"
