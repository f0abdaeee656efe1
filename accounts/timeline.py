"""How lines of the security timeline read, and which of them can be answered with "this wasn't me"."""

from collections.abc import Mapping
from typing import Any

from accounts.constants import ActivityKind, Factor, LoginMethod, SessionEnd

_SENTENCES: dict[str, str] = {
    ActivityKind.LOGIN: "Your account was logged in to with {method}{where}.",
    ActivityKind.NEW_DEVICE: "Your account was logged in to with {method}, from {news}{where}.",
    ActivityKind.LOCKED: "{locked} is paused for a while after too many wrong tries.",
    ActivityKind.REFRESH_REUSED: (
        "A session was ended because a used refresh token of it came back: somebody may have copied it."
    ),
    ActivityKind.SESSION_ENDED: "A session was ended: {reason}.",
    ActivityKind.SESSIONS_ENDED: "Sessions were ended: {reason}.",
    ActivityKind.STEP_UP: "An identity check was passed with {factor}.",
    ActivityKind.PASSWORD_CHANGED: "Your password was changed.",
    ActivityKind.PASSWORD_RESET: "Your password was reset by mail.",
    ActivityKind.EMAIL_CHANGE_ASKED: "A change of your e-mail address was asked for.",
    ActivityKind.EMAIL_CHANGED: "Your e-mail address was changed.",
    ActivityKind.TOTP_ADDED: "An authenticator app was added.",
    ActivityKind.TOTP_REMOVED: "Your authenticator app was removed.",
    ActivityKind.RECOVERY_CODE_USED: "A recovery code was used.",
    ActivityKind.RECOVERY_CODES_MADE: "New recovery codes were made; the old ones are void.",
    ActivityKind.PASSKEY_ADDED: "The passkey {name} was added.",
    ActivityKind.PASSKEY_REMOVED: "The passkey {name} was removed.",
    ActivityKind.PASSKEY_CLONED: "The passkey {name} was refused: somebody may have a copy of it.",
    ActivityKind.FACTORS_CLEARED: "Our staff removed all your second factors.",
    ActivityKind.ADDRESS_LINKED: "The wallet address {address} was linked.",
    ActivityKind.ADDRESS_UNLINKED: "The wallet address {address} was unlinked.",
    ActivityKind.DENIED: "You told us that somebody else was in your account.",
}

_METHODS: dict[str, str] = {
    LoginMethod.PASSWORD: "the password",
    LoginMethod.PASSKEY: "a passkey",
    LoginMethod.WALLET: "a linked wallet",
}
_FACTORS: dict[str, str] = {
    Factor.TOTP: "an authenticator code",
    Factor.RECOVERY_CODE: "a recovery code",
    Factor.PASSKEY: "a passkey",
    Factor.PASSWORD: "the password",
}
_LOCKED: dict[str, str] = {
    "factor": "The second step of logging in to your account",
    "confirm": "Confirming with your password or a code in one of your sessions",
    "confirms": "Confirming with your password or a code in some of your sessions",
}
_REASONS: dict[str, str] = {
    SessionEnd.LOGOUT: "it was logged out",
    SessionEnd.LOGOUT_ALL: "everything was logged out",
    SessionEnd.STAFF: "our staff ended it",
    SessionEnd.SUSPENDED: "the account was suspended",
    SessionEnd.REUSE: "a used refresh token came back",
    SessionEnd.REVOKED: "it was ended from the list of sessions",
    SessionEnd.PASSWORD: "the password was changed",
    SessionEnd.EMAIL: "the e-mail address was changed",
    SessionEnd.DENIED: "you told us that somebody else was in your account",
    SessionEnd.CLOSED: "the account was closed",
}

_UNDENIABLE_KINDS = frozenset({ActivityKind.LOCKED, ActivityKind.DENIED})
"""Nobody came in, and what the person said themselves. All else somebody else could have done, or could have
talked our staff into."""

_BY_ANYBODY_INSIDE = frozenset({SessionEnd.LOGOUT, SessionEnd.LOGOUT_ALL, SessionEnd.REVOKED})
"""Ends of sessions that are somebody's own doing; the others follow from another line."""


FOLLOWS: dict[str, Any] = {"by": "platform"}
"""Details of a line that follows from another one: what a denial or a reset took off. That one is denied."""


def sentence(kind: str, details: Mapping[str, Any], device: str) -> str:
    """One line as people read it."""
    news = " and ".join(f"a new {part}" for part in details.get("new", ())) or "a new device"
    return (
        _SENTENCES[kind]
        .format(
            method=_METHODS.get(details.get("method", ""), "the password"),
            where=f" on {device}" if device else "",
            news=news,
            factor=_FACTORS.get(details.get("factor", ""), "a second factor"),
            locked=_LOCKED.get(details.get("what", ""), "Logging in to your account"),
            reason=_REASONS.get(details.get("reason", ""), "they were over"),
            name=f"“{details['name']}”" if details.get("name") else "",
            address=details.get("address", ""),
        )
        .replace("  ", " ")
    )


def is_deniable(kind: str, details: Mapping[str, Any]) -> bool:
    """Whether somebody else could have done this.

    An address that our staff replaced can't be denied: the old one may be the stranger's. What our staff
    removed can be, as somebody may have talked them into it; a denial of that adds nothing again.
    """
    if FOLLOWS.items() <= details.items():
        return False
    if kind in (ActivityKind.SESSION_ENDED, ActivityKind.SESSIONS_ENDED):
        return details.get("reason") in _BY_ANYBODY_INSIDE
    if kind == ActivityKind.EMAIL_CHANGED and details.get("reason") == SessionEnd.STAFF:
        return False
    return kind not in _UNDENIABLE_KINDS
