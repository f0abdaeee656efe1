"""Refusals of governance."""

from ogc.errors import ConflictError, ValidationFailed


class RoleUnknown(ValidationFailed):
    """Only roles of the matrix that are given to people."""

    message = "There is no such role to give."


class ApprovalNotPending(ConflictError):
    """Approved, rejected or expired before."""

    code = "APPROVAL_NOT_PENDING"
    message = "This approval is no longer open."


class ApprovalExpired(ConflictError):
    """Nobody decided in time."""

    code = "APPROVAL_EXPIRED"
    message = "This approval has expired: ask for a new one."


class ApprovalChanged(ConflictError):
    """The payload is not the one that was asked for."""

    code = "APPROVAL_PAYLOAD_CHANGED"
    message = "What was asked for has been changed: ask for a new approval."


class ApprovalRequesterLost(ConflictError):
    """The requester is suspended or no longer holds the scope of the action."""

    code = "APPROVAL_REQUESTER_NOT_ALLOWED"
    message = "Who asked for this may no longer do it."


class ReportAlreadyMade(ConflictError):
    """One report per person and target."""

    code = "REPORT_ALREADY_MADE"
    message = "You have reported this already."
