"""RQ entry points of governance."""

from governance.services import audit_seal
from governance.services.approvals import approvals_expire
from ogc.jobs import job


@job
def seal_audit() -> None:
    """Chain what is not sealed yet (cron, each second)."""
    audit_seal()


@job
def expire_approvals() -> None:
    """Close approvals that nobody decided in time (cron, hourly)."""
    approvals_expire()
