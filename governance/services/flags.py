"""Feature flags."""

from typing import Any

from governance import decisions
from governance.constants import Severity
from governance.locks import lock_flag
from governance.models import FeatureFlag
from governance.services.audit import audit_record
from ogc import access, clock
from ogc.actors import Actor
from ogc.db.transactions import on_commit, transactional
from ogc.errors import VersionConflict

SCOPE = "flag.write"


@transactional
def flag_write(
    *,
    actor: Actor,
    name: str,
    version: int,
    is_enabled: bool,
    roles: list[str],
    plans: list[str],
    user_ids: list[str],
    percentage: int | None,
) -> FeatureFlag:
    """Say for whom a flag is on.

    Raises:
        PermissionDenied: without `flag.write`.
        NotFound: no such flag (code and seed name them).
        VersionConflict: `version` is not the one that it is changed from.

    Effects: locks the flag; one audit record; memory of this process after the commit, of the others within
    2 seconds.
    """
    access.require(actor, "flags.write", scope=SCOPE)
    flag = lock_flag(name)
    if flag.version != version:
        raise VersionConflict(version=flag.version)
    before = flag_criteria(flag)
    flag.is_enabled, flag.percentage = is_enabled, percentage
    flag.roles, flag.plans, flag.user_ids = sorted(set(roles)), sorted(set(plans)), sorted(set(user_ids))
    flag.version, flag.updated_at = flag.version + 1, clock.now()
    flag.save()
    audit_record(
        actor=actor,
        action="flags.written",
        target_type="flag",
        target_id=flag.name,
        severity=Severity.WARNING,
        before=before,
        after=flag_criteria(flag),
    )
    on_commit(decisions.load)
    return flag


def flag_criteria(flag: FeatureFlag) -> dict[str, Any]:
    """What a flag says, as JSON values."""
    return {
        "version": flag.version,
        "enabled": flag.is_enabled,
        "roles": flag.roles,
        "plans": flag.plans,
        "user_ids": flag.user_ids,
        "percentage": flag.percentage,
    }
