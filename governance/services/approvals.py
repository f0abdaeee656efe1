"""Approvals: what one person asks for and a second one lets happen."""

from datetime import timedelta
from typing import Any

from accounts.selectors import user_pk
from accounts.services.claims import actor_for
from accounts.services.step_up import require_step_up
from accounts.step_up import APPROVE
from governance.constants import APPROVAL_LIFE_HOURS, ApprovalStatus, Severity
from governance.errors import ApprovalChanged, ApprovalExpired, ApprovalNotPending, ApprovalRequesterLost
from governance.locks import lock_approval
from governance.models import Approval
from governance.ports import ApprovedRequest, Executable, executables
from governance.rules import payload_hash
from governance.services.audit import audit_record
from ogc import access, clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import CannotChangeSelf, NotAuthenticated, SecondPersonRequired


@transactional
def approval_request(
    *, actor: Actor, action: str, payload: dict[str, Any], reason: str = "", once: bool = False
) -> Approval:
    """Ask for a second person; nothing of the action happens yet.

    Args:
        action: one that an app registered (`ports.register_executable`).
        payload: plain JSON values (amounts as integers or text, never floats) from which the action can be
            carried out.
        once: the same wish that this person has open already is that wish, not another one.

    Raises:
        NotAuthenticated: only people ask.
        PermissionDenied: without the scope of the action.

    Effects: one Approval that expires after 72 hours, one audit record; for a wish that is open already the
    record alone, which says that nothing changed.
    """
    executable = executables[action]
    if actor.user_id is None:
        raise NotAuthenticated
    access.require(actor, action, scope=executable.scope)
    now = clock.now()
    wish = {"requester_id": user_pk(actor.user_id), "payload_hash": payload_hash(action, payload)}
    if once:
        waiting = Approval.objects.filter(status=ApprovalStatus.PENDING, expires_at__gt=now, **wish).first()
        if waiting is not None:
            unchanged = {**_which(waiting), "status": waiting.status}
            _record(actor, waiting, "approvals.requested", reason, unchanged, unchanged)
            return waiting
    approval = Approval.objects.create(
        created_at=now,
        action=action,
        scope=executable.scope,
        payload=payload,
        reason=reason,
        expires_at=now + timedelta(hours=APPROVAL_LIFE_HOURS),
        **wish,
    )
    _record(actor, approval, "approvals.requested", reason, {}, {"payload": payload})
    return approval


@transactional
def approval_approve(*, actor: Actor, approval_id: str, reason: str = "") -> Approval:
    """Let it happen: check everything again, carry it out, keep its result, all in one transaction.

    Raises:
        NotFound: no such approval.
        ApprovalNotPending, ApprovalExpired: decided before, or too late.
        SecondPersonRequired: the requester.
        CannotChangeSelf: the user whom the payload is about.
        PermissionDenied: without the scope of the action.
        ApprovalChanged: the payload is not the one that was asked for.
        StepUpRequired: no step-up of this session.
        ApprovalRequesterLost: the requester may no longer do it.
        DomainError: of the action itself; the approval stays open.

    Effects: locks the approval; those of the action; one audit record.
    """
    approval = _lock_open(actor, approval_id)
    executable = executables[approval.action]
    if approval.payload_hash != payload_hash(approval.action, approval.payload):
        raise ApprovalChanged
    subject = executable.subject(approval.payload)
    if subject is not None and subject == actor.user_id:
        raise CannotChangeSelf
    require_step_up(actor, APPROVE)
    result = executable.execute(
        ApprovedRequest(
            approval_id=approval.public_id,
            action=approval.action,
            payload=approval.payload,
            requester=_requester(approval, executable),
            approver=actor,
            reason=approval.reason,
        )
    )
    return _decide(actor, approval, ApprovalStatus.APPROVED, reason, dict(result))


@transactional
def approval_reject(*, actor: Actor, approval_id: str, reason: str = "") -> Approval:
    """Refuse it for good.

    Raises:
        NotFound, ApprovalNotPending, ApprovalExpired, SecondPersonRequired, PermissionDenied: as for
            `approval_approve`.

    Effects: locks the approval; one audit record.
    """
    approval = _lock_open(actor, approval_id)
    return _decide(actor, approval, ApprovalStatus.REJECTED, reason, None)


@transactional
def approvals_expire() -> int:
    """Close what nobody decided in time; returns how many. What is late counts as expired before this ran."""
    late = Approval.objects.filter(status=ApprovalStatus.PENDING, expires_at__lte=clock.now())
    return late.update(status=ApprovalStatus.EXPIRED)


def _lock_open(actor: Actor, approval_id: str) -> Approval:
    approval = lock_approval(approval_id)
    if approval.status == ApprovalStatus.EXPIRED:
        raise ApprovalExpired
    if approval.status != ApprovalStatus.PENDING:
        raise ApprovalNotPending(status=approval.status)
    if approval.expires_at <= clock.now():
        raise ApprovalExpired
    if actor.user_id is None:
        raise NotAuthenticated
    if user_pk(actor.user_id) == approval.requester_id:
        raise SecondPersonRequired
    access.require(actor, approval.action, scope=approval.scope)
    return approval


def _requester(approval: Approval, executable: Executable) -> Actor:
    requester = approval.requester
    actor = actor_for(requester)
    if not requester.is_active or not actor.has(executable.scope):
        raise ApprovalRequesterLost
    return actor


def _decide(
    actor: Actor, approval: Approval, status: ApprovalStatus, reason: str, result: dict[str, Any] | None
) -> Approval:
    before = {"status": approval.status}
    approval.status, approval.decided_at, approval.decision_reason = status, clock.now(), reason
    approval.decided_by_id, approval.result = user_pk(actor.user_id or ""), result
    approval.save(update_fields=["status", "decided_at", "decision_reason", "decided_by", "result"])
    _record(actor, approval, f"approvals.{status}", reason, before, {"status": status, "result": result})
    return approval


def _record(
    actor: Actor,
    approval: Approval,
    action: str,
    reason: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    audit_record(
        actor=actor,
        action=action,
        target_type="approval",
        target_id=approval.public_id,
        severity=Severity.CRITICAL,
        before=before,
        after={**_which(approval), **after},
        reason=reason,
    )


def _which(approval: Approval) -> dict[str, str]:
    return {"action": approval.action, "payload_hash": approval.payload_hash}
