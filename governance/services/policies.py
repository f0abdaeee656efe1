"""Policies: validated documents with versions."""

from typing import Any

from governance import decisions
from governance.constants import Severity
from governance.locks import lock_policy
from governance.models import Policy, PolicyVersion
from governance.policy_schema import check_document
from governance.services.audit import audit_record
from ogc import access, clock
from ogc.actors import Actor
from ogc.db.transactions import on_commit, transactional
from ogc.errors import ValidationFailed, VersionConflict

SCOPE = "policy.write"


@transactional
def policy_write(
    *,
    actor: Actor,
    name: str,
    level: str,
    document: dict[str, Any],
    is_enabled: bool = True,
    policy_id: str | None = None,
    version: int | None = None,
    reason: str = "",
) -> Policy:
    """Write the next version of a policy, or its first one.

    Args:
        policy_id, version: the policy that is changed and the version that it is changed from; both None for
            a new one.

    Raises:
        PermissionDenied: without `policy.write`.
        ValidationFailed: the document is not one of that level, or the name is taken.
        NotFound, VersionConflict: of the policy that is changed.

    Effects: locks the policy; one version row; one audit record; memory of this process after the commit,
    of the others within 2 seconds.
    """
    access.require(actor, "policies.write", scope=SCOPE)
    check_document(level, document)
    if Policy.objects.filter(name=name).exclude(public_id=policy_id or "").exists():
        raise ValidationFailed({"name": [("unique", "Another policy has this name.")]})
    policy = Policy(version=0) if policy_id is None else lock_policy(policy_id)
    if policy_id is not None and policy.version != version:
        raise VersionConflict(version=policy.version)
    before = None if policy_id is None else _shown(policy)
    policy.name, policy.level, policy.document, policy.is_enabled = name, level, document, is_enabled
    policy.version, policy.updated_at = policy.version + 1, clock.now()
    policy.save()
    PolicyVersion.objects.create(
        policy=policy,
        version=policy.version,
        level=level,
        is_enabled=is_enabled,
        document=document,
        author=actor.key,
        reason=reason,
    )
    audit_record(
        actor=actor,
        action="policies.written",
        target_type="policy",
        target_id=policy.public_id,
        severity=Severity.CRITICAL,
        before=before,
        after=_shown(policy),
        reason=reason,
    )
    on_commit(decisions.load)
    return policy


def _shown(policy: Policy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "level": policy.level,
        "version": policy.version,
        "enabled": policy.is_enabled,
        "document": policy.document,
    }
