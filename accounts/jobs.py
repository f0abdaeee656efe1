"""Background work of accounts."""

from accounts import services
from accounts.services import avatars, exports, retention
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


@job
def export_make(export_pk: int) -> None:
    """Make one archive of personal data."""
    exports.export_make(export_pk=export_pk)


@job
def files_purge() -> None:
    """Delete archives past their week, and stored files that no row names."""
    exports.exports_purge()
    avatars.orphans_sweep()
