"""Refusals of notifications, with their codes."""

from ogc.errors import ConflictError, InvalidError


class DeliveryNotResendable(ConflictError):
    """Only what was given up can be sent again."""

    code = "DELIVERY_NOT_RESENDABLE"
    message = "Only a dead delivery can be sent again."


class TemplateInvalid(InvalidError):
    """A text that does not compile, or uses what it may not; `details` hold part, reason and names."""

    code = "TEMPLATE_INVALID"
    message = "The template can't be used."
