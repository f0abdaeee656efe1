"""Refusals of the accounts app."""

from ogc.errors import ConflictError, DomainError, ErrorKind, InvalidError, ProofRequired


class EmailInUse(ConflictError):
    code = "AUTH_EMAIL_IN_USE"
    message = "There is an account with this address: log in or reset the password."


class WeakPassword(InvalidError):
    """`details.password` lists what is wrong as {code, message}."""

    code = "AUTH_WEAK_PASSWORD"
    message = "Choose another password: 10 to 256 characters, not common, not like your name or address."


class VerificationTokenInvalid(InvalidError):
    code = "AUTH_VERIFICATION_TOKEN_INVALID"
    message = "This verification token is wrong, used or expired: ask for a new mail."


class InvalidCredentials(DomainError):
    """Wrong password or unknown address; the two look the same."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "AUTH_INVALID_CREDENTIALS"
    message = "Address or password is wrong."


class RefreshInvalid(DomainError):
    kind = ErrorKind.UNAUTHENTICATED
    code = "AUTH_REFRESH_INVALID"
    message = "There is no such refresh token: log in again."


class RefreshExpired(DomainError):
    kind = ErrorKind.UNAUTHENTICATED
    code = "AUTH_REFRESH_EXPIRED"
    message = "The session was not used for too long: log in again."


class RefreshRevoked(DomainError):
    kind = ErrorKind.UNAUTHENTICATED
    code = "AUTH_REFRESH_REVOKED"
    message = "The session is over: log in again."


class RefreshReused(DomainError):
    kind = ErrorKind.UNAUTHENTICATED
    code = "AUTH_REFRESH_REUSED"
    message = "This refresh token was used before, so the session was ended: log in again."


class PasswordWrong(InvalidError):
    """The confirming or old password of somebody who is signed in."""

    code = "AUTH_INVALID_CREDENTIALS"
    message = "The password is wrong."


class MfaInvalid(DomainError):
    """Wrong code, used code, or an mfa_token that is unknown, used, spent or expired; they look the same."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "AUTH_MFA_INVALID"
    message = "The code or the login attempt is not valid: try again, or log in anew."


class TwoFactorAlreadyOn(ConflictError):
    code = "AUTH_2FA_ALREADY_ON"
    message = "An authenticator app is on: turn it off before you set up another."


class TwoFactorNotOn(ConflictError):
    code = "AUTH_2FA_NOT_ON"
    message = "This account has no such second factor."


class ResetTokenInvalid(InvalidError):
    code = "AUTH_RESET_TOKEN_INVALID"
    message = "This reset token is wrong, used or expired: ask for a new mail."


class WalletLoginInvalid(DomainError):
    """Unknown address, wrong signature, wrong message or used nonce; they look the same."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "AUTH_WALLET_INVALID"
    message = "This wallet login is not valid: ask for a new nonce and sign again."


class StepUpRequired(ProofRequired):
    """`details.factors` lists what a step-up of this account can be given with."""

    code = "STEP_UP_REQUIRED"
    message = "Prove once more that it is you: POST /api/v1/auth/step-up, then try again."


class ActivityNotDeniable(ConflictError):
    """`details.kind` says what the line is."""

    code = "ACTIVITY_NOT_DENIABLE"
    message = "Nobody else can have caused this line. Deny the login or the change that worries you instead."


class AccountHasObligations(ConflictError):
    """`details.obligations` lists {kind, count or amount}."""

    code = "ACCOUNT_HAS_OBLIGATIONS"
    message = "The account can't be closed yet."


class BalanceNotEmpty(ConflictError):
    """Only a balance is left; `details.obligations` as above."""

    code = "BALANCE_NOT_EMPTY"
    message = "Move your tokens out first."


class ProofRefused(Exception):
    """A proof of an address does not hold; each service that asks for one answers with a code of its own.

    The text says why, for logs only.
    """
