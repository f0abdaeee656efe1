"""Errors that the domain raises and the edges (API, admin, commands) render.

A domain error knows its contract code and what kind of refusal it is; it knows nothing of HTTP. The one
table from kind to HTTP status is in `ogc.api.errors`.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar


class ErrorKind(StrEnum):
    """What sort of refusal an error is."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    PAYMENT = "payment"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD = "method"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    UNPROCESSABLE = "unprocessable"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


class DomainError(Exception):
    """Base of every refusal; subclasses fix kind, code and default message.

    `replayable` says whether an idempotency key remembers this refusal (api.md, Errors): refusals of the
    service itself do; those of validation, permission, verification, terms and the like do not.
    """

    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    code: ClassVar[str] = "INVALID"
    message: ClassVar[str] = "The request can't be carried out."
    replayable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.text = message or type(self).message
        self.details: dict[str, Any] = details
        super().__init__(self.text)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.text, self.details)

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


def _rebuild(cls: type[DomainError], text: str, details: dict[str, Any]) -> DomainError:
    error = cls.__new__(cls)
    DomainError.__init__(error, text, **details)
    return error


class InvalidError(DomainError):
    """Input that can never be right; base for 400s."""

    kind = ErrorKind.INVALID


class PaymentError(DomainError):
    """Not enough money; base for 402s."""

    kind = ErrorKind.PAYMENT
    replayable = True


class ForbiddenError(DomainError):
    """The caller may not; base for 403s."""

    kind = ErrorKind.FORBIDDEN


class ProofRequired(ForbiddenError):
    """The caller may, but must first prove once more who they are; edges that can ask for it do so."""


class NotFoundError(DomainError):
    """Unknown, or the caller may not know of it; base for 404s."""

    kind = ErrorKind.NOT_FOUND
    replayable = True


class ConflictError(DomainError):
    """Not in this state; base for 409s."""

    kind = ErrorKind.CONFLICT
    replayable = True


class ValidationFailed(InvalidError):
    """Field errors: `details` maps a field (dotted for nested ones) to a list of {code, message}."""

    code = "VALIDATION_ERROR"
    message = "Some fields are not valid."

    def __init__(
        self, fields: Mapping[str, Sequence[tuple[str, str]]] | None = None, message: str | None = None
    ) -> None:
        details = {
            field: [{"code": code, "message": text} for code, text in problems]
            for field, problems in (fields or {}).items()
        }
        super().__init__(message)
        self.details = details


class UnsupportedFileType(InvalidError):
    """The content is not of a kind that is taken here; `details.allowed` lists what is."""

    code = "UNSUPPORTED_FILE_TYPE"
    message = "This kind of content is not taken here."


class MalformedJson(InvalidError):
    code = "MALFORMED_JSON"
    message = "The body is not valid JSON."


class CursorInvalid(InvalidError):
    code = "CURSOR_INVALID"
    message = "The cursor does not belong to this list, these filters or this ordering."


class InvalidAmount(InvalidError):
    code = "INVALID_AMOUNT"
    message = 'An amount is a decimal string above zero with at most 9 fraction digits, such as "12.5".'


class ConfirmationRequired(InvalidError):
    code = "CONFIRMATION_REQUIRED"
    message = 'This call can\'t be undone: send "confirm": true.'


class NotAuthenticated(DomainError):
    kind = ErrorKind.UNAUTHENTICATED
    code = "NOT_AUTHENTICATED"
    message = "Sign in first: send Authorization: Bearer <access token>."


class TokenExpired(DomainError):
    kind = ErrorKind.UNAUTHENTICATED
    code = "TOKEN_EXPIRED"
    message = "The access token is no longer current: refresh it."


class TokenInvalid(DomainError):
    kind = ErrorKind.UNAUTHENTICATED
    code = "TOKEN_INVALID"
    message = "The access token is not valid."


class AccountDisabled(ForbiddenError):
    code = "AUTH_ACCOUNT_DISABLED"
    message = "This account is suspended or closed."


class PermissionDenied(ForbiddenError):
    """`details.scope` names the scope that was missing, where one was."""

    code = "PERMISSION_DENIED"
    message = "You do not have the permission for this."


class EmailNotVerified(ForbiddenError):
    code = "EMAIL_NOT_VERIFIED"
    message = "Verify your e-mail address first."


class SecondPersonRequired(ForbiddenError):
    code = "SECOND_PERSON_REQUIRED"
    message = "Somebody else has to do this."


class CannotChangeSelf(ForbiddenError):
    code = "ADMIN_CANNOT_CHANGE_SELF"
    message = "Nobody does this to themselves."


class RoleTooHigh(ForbiddenError):
    code = "ROLE_TOO_HIGH"
    message = "This needs a scope that you do not hold."


class LastSuperAdmin(ConflictError):
    """The platform always keeps one active super admin."""

    code = "LAST_SUPER_ADMIN"
    message = "The last super admin can't be removed or suspended: appoint another one first."


class NotFound(NotFoundError):
    code = "NOT_FOUND"
    message = "There is nothing here, or nothing that you may see."


class MethodNotAllowed(DomainError):
    kind = ErrorKind.METHOD
    code = "METHOD_NOT_ALLOWED"
    message = "This path does not take this method."


class VersionConflict(ConflictError):
    code = "VERSION_CONFLICT"
    message = "Somebody changed this in the meantime: read it again."


class TermsAcceptanceRequired(ConflictError):
    code = "TERMS_ACCEPTANCE_REQUIRED"
    message = "Accept the current terms first."
    replayable = False


class PayloadTooLarge(DomainError):
    kind = ErrorKind.TOO_LARGE
    code = "PAYLOAD_TOO_LARGE"
    message = "The body is too large."


class FileTooLarge(DomainError):
    """`details.limit_bytes` says how large it may be."""

    kind = ErrorKind.TOO_LARGE
    code = "FILE_TOO_LARGE"
    message = "The file is too large."


class UnsupportedMediaType(DomainError):
    kind = ErrorKind.UNSUPPORTED
    code = "UNSUPPORTED_MEDIA_TYPE"
    message = "This path does not take this content type."


class IdempotencyKeyRequired(DomainError):
    kind = ErrorKind.UNPROCESSABLE
    code = "IDEMPOTENCY_KEY_REQUIRED"
    message = "Send an Idempotency-Key header."


class IdempotencyKeyReused(DomainError):
    kind = ErrorKind.UNPROCESSABLE
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "This Idempotency-Key was used for another request."


class IdempotencyInProgress(ConflictError):
    code = "IDEMPOTENCY_IN_PROGRESS"
    message = "The first request with this Idempotency-Key is still running."
    replayable = False


class RateLimited(DomainError):
    """`details.retry_after` is in whole seconds."""

    kind = ErrorKind.RATE_LIMITED
    code = "RATE_LIMITED"
    message = "Too many requests: wait and try again."


class ServiceUnavailable(DomainError):
    """`details.retry_after` is in whole seconds (default 1)."""

    kind = ErrorKind.UNAVAILABLE
    code = "SERVICE_UNAVAILABLE"
    message = "This can't be done right now: try again."
