"""JSON of governance rows."""

import json
from typing import Any

from governance.access_matrix import MATRIX, SCOPES
from governance.decisions import Flag
from governance.models import Approval, AuditRecord, Policy, PolicyVersion, Proposal, Report
from ogc.access import Decision
from ogc.actors import Actor


def decision_json(decision: Decision) -> dict[str, Any]:
    """The shape `DecisionOut`."""
    rule = f"{decision.level}:{decision.rule}" if decision.rule else None
    explanation = decision.explanation or "Nothing objects."
    return {"decision": decision.outcome.value, "rule": rule, "explanation": explanation}


def matrix_json() -> dict[str, Any]:
    """The shape `RolesOut`."""
    roles = [
        {
            "role": role.name,
            "scopes": sorted(role.scopes),
            "staff": role.is_staff,
            "assignable": role.assignable,
        }
        for role in MATRIX.values()
    ]
    return {"roles": roles, "scopes": SCOPES}


def flag_json(flag: Flag, actor: Actor, *, whole: bool) -> dict[str, Any]:
    """The shape `FlagOut`; `whole` adds what only those may see who write flags."""
    body: dict[str, Any] = {"name": flag.name, "on": flag.is_on_for(actor)}
    if whole:
        body |= {
            "description": flag.description,
            "version": flag.version,
            "enabled": flag.is_enabled,
            "roles": sorted(flag.roles),
            "plans": sorted(flag.plans),
            "user_ids": sorted(flag.user_ids),
            "percentage": flag.percentage,
        }
    return body


def policy_json(policy: Policy) -> dict[str, Any]:
    """The shape `PolicyOut`."""
    return {
        "id": policy.public_id,
        "name": policy.name,
        "level": policy.level,
        "version": policy.version,
        "enabled": policy.is_enabled,
        "document": policy.document,
        "created_at": policy.created_at,
        "updated_at": policy.updated_at,
    }


def policy_version_json(version: PolicyVersion) -> dict[str, Any]:
    """The shape `PolicyVersionOut`."""
    return {
        "version": version.version,
        "level": version.level,
        "enabled": version.is_enabled,
        "document": version.document,
        "author": version.author,
        "reason": version.reason,
        "created_at": version.created_at,
    }


def approval_json(approval: Approval) -> dict[str, Any]:
    """The shape `ApprovalOut`; requester and decider are prefetched."""
    return {
        "id": approval.public_id,
        "action": approval.action,
        "scope": approval.scope,
        "payload": approval.payload,
        "payload_hash": approval.payload_hash,
        "reason": approval.reason,
        "status": approval.status,
        "requester": approval.requester.public_id,
        "created_at": approval.created_at,
        "expires_at": approval.expires_at,
        "decided_by": approval.decided_by.public_id if approval.decided_by else None,
        "decided_at": approval.decided_at,
        "decision_reason": approval.decision_reason,
        "result": approval.result,
    }


def audit_json(record: AuditRecord) -> dict[str, Any]:
    """The shape `AuditRecordOut`; personal part and seal are prefetched."""
    personal, seal = getattr(record, "personal", None), getattr(record, "seal", None)
    return {
        "id": record.public_id,
        "created_at": record.created_at,
        "severity": record.severity,
        "action": record.action,
        "actor": {"kind": record.actor_kind, "id": record.actor_id},
        "target": {"type": record.target_type, "id": record.target_id},
        "reason": record.reason,
        "before": json.loads(record.before) if record.before else None,
        "after": json.loads(record.after) if record.after else None,
        "request_id": record.request_id,
        "correlation_id": record.correlation_id,
        "ip": personal.ip if personal else None,
        "user_agent": personal.user_agent if personal else None,
        "hash": record.content_hash,
        "seal": seal.position if seal else None,
    }


def report_json(report: Report) -> dict[str, Any]:
    """The shape `ReportOut`; the incident is prefetched."""
    return {
        "id": report.public_id,
        "target_type": report.target_type,
        "target_id": report.target_id,
        "reason": report.reason,
        "text": report.text,
        "status": report.incident.status,
        "created_at": report.created_at,
    }


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """The shape `ProposalOut`; the author is prefetched."""
    return {
        "id": proposal.public_id,
        "title": proposal.title,
        "description": proposal.description,
        "category": proposal.category,
        "author": proposal.author.public_id,
        "status": proposal.status,
        "voting_days": proposal.voting_days,
        "voting_starts_at": proposal.voting_starts_at,
        "voting_ends_at": proposal.voting_ends_at,
        "created_at": proposal.created_at,
    }
