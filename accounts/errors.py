"""Refusals of the accounts app."""

from ogc.errors import ConflictError, DomainError, ErrorKind, InvalidError


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
