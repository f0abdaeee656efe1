"""The one writer of revocation rows."""

from datetime import datetime

from accounts import revocations
from accounts.constants import RevocationKind
from accounts.models import Revocation
from ogc.db.transactions import on_commit


def revoke(
    kind: RevocationKind, subject: str, *, claims_version: int = 0, until: datetime | None = None
) -> None:
    """Write one revocation in the caller's transaction, under the lock of its user.

    Effects: this process refuses the tokens right after the commit, all others within 2 seconds.
    """
    row = Revocation.objects.create(kind=kind, subject=subject, claims_version=claims_version, until=until)
    on_commit(lambda: revocations.note([row]))


def revoke_sessions(session_ids: list[str]) -> None:
    """The same for many sessions, in one statement."""
    rows = [Revocation(kind=RevocationKind.SESSION, subject=session_id) for session_id in session_ids]
    Revocation.objects.bulk_create(rows)
    on_commit(lambda: revocations.note(rows))
