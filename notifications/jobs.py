"""Entry points of the mail queue."""

from notifications.services.deliveries import delivery_attempt
from ogc.jobs import job


@job
def delivery_deliver(pk: int) -> None:
    """Attempt one delivery; harmless when it is done, not due, or somebody else is at it."""
    delivery_attempt(pk=pk)
