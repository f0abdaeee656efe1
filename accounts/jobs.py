"""Background work of accounts."""

from accounts import services
from accounts.services import retention
from ogc.jobs import job


@job
def suspension_lift(user_pk: int) -> None:
    """Reinstate one user whose suspension is over."""
    services.suspension_lift(user_pk=user_pk)


@job
def successors_purge() -> None:
    """Delete refresh successors whose grace is over."""
    retention.successors_purge()


@job
def challenges_purge() -> None:
    """Delete challenges of passkeys that are over."""
    retention.challenges_purge()


@job
def rows_purge() -> None:
    """Delete what is past its retention."""
    retention.rows_purge()
