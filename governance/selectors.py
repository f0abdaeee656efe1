"""Reads of governance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from accounts.constants import UserStatus
from accounts.selectors import user_pk
from governance.access_matrix import MATRIX, SCOPES, USER, scopes_of
from governance.constants import SEAL_LOOK_BACK_RECORDS
from governance.models import Approval, AuditRecord, AuditSeal, Policy, PolicyVersion, Proposal, Report
from governance.rules import RECORD_FIELDS
from ogc.db.statements import SelectStatement
from ogc.errors import NotFound

PAGE_ROWS = 1_000
VERSIONS_SHOWN = 100
_RECORD_COLUMNS = (
    "id",
    "content_hash",
    "personal__salt",
    "personal__ip",
    "personal__user_agent",
    *RECORD_FIELDS,
)


@dataclass(frozen=True, slots=True)
class SealRow:
    """One link of the audit chain."""

    position: int
    record_pk: int
    content_hash: str
    previous_hash: str
    chain_hash: str
    sealed_at: datetime


_GRANTS = SelectStatement(
    lambda slots: (
        Group.objects.filter(user=slots.number("user"))
        .order_by()
        .values_list("name", "permissions__codename")
    )
)


def role_scopes(user_pk: int, *, with_staff_scopes: bool = True) -> tuple[frozenset[str], frozenset[str]]:
    """The roles of a user and the union of their scopes, in one query; everyone has the role `user`.

    Scopes come from the permissions of the groups, the table that the admin site reads. Fills
    `accounts.ports.role_scopes`.
    """
    rows = _GRANTS.all(user=user_pk)
    roles = {USER, *(name for name, _ in rows)}
    granting = {name for name in roles if with_staff_scopes or not (name in MATRIX and MATRIX[name].is_staff)}
    scopes = {codename for name, codename in rows if name in granting and codename in SCOPES}
    scopes |= MATRIX[USER].scopes
    return frozenset(roles), frozenset(scopes)


def staff_with_scope(scope: str, *, after: str, limit: int) -> list[str]:
    """Public ids of staff who hold a scope and may log in, in their own order.

    Args:
        after: only ids above this one; empty: from the first.
    """
    holders = get_user_model().objects.filter(
        is_staff=True, status=UserStatus.ACTIVE, groups__permissions__codename=scope, public_id__gt=after
    )
    return list(holders.order_by("public_id").distinct().values_list("public_id", flat=True)[:limit])


def user_exists(public_id: str) -> bool:
    """Whether there is such a user."""
    try:
        user_pk(public_id)
    except NotFound:
        return False
    return True


def staff_scopes(roles: frozenset[str]) -> frozenset[str]:
    """All scopes of somebody with these roles if one of them is a staff role, else nothing."""
    is_staff = any(name in MATRIX and MATRIX[name].is_staff for name in roles)
    return scopes_of(roles) if is_staff else frozenset()


def approvals_list(status: str | None = None) -> QuerySet[Approval]:
    """Approvals, newest first, with requester and decider."""
    queryset = Approval.objects.select_related("requester", "decided_by").order_by("-created_at", "-id")
    return queryset.filter(status=status) if status else queryset


def audit_list(
    *,
    created_from: datetime | None = None,
    created_to: datetime | None = None,
    actor: str | None = None,
    action: str | None = None,
    target: str | None = None,
    severity: str | None = None,
) -> QuerySet[AuditRecord]:
    """Audit records, newest first, with their personal parts. `action` ending in ".*" takes all below it."""
    queryset = AuditRecord.objects.select_related("personal", "seal").order_by("-created_at", "-id")
    exact = {
        "created_at__gte": created_from,
        "created_at__lt": created_to,
        "actor_id": actor,
        "target_id": target,
        "severity": severity,
    }
    if action is not None and action.endswith(".*"):
        exact["action__startswith"] = action[:-1]
    else:
        exact["action"] = action
    return queryset.filter(**{name: value for name, value in exact.items() if value is not None})


def audit_newest_seal() -> AuditSeal | None:
    """The last link of the chain."""
    return AuditSeal.objects.order_by("-position").first()


def audit_records_unsealed(*, after: AuditSeal | None, limit: int) -> list[tuple[int, str, str]]:
    """(row number, public id, content hash) of records without a seal, oldest first.

    Looks `SEAL_LOOK_BACK_RECORDS` back from the newest sealed record: ids commit out of order, and the cost
    must not grow with the trail.
    """
    queryset = AuditRecord.objects.filter(seal=None)
    if after is not None:
        queryset = queryset.filter(id__gt=after.record_id - SEAL_LOOK_BACK_RECORDS)
    return list(queryset.order_by("id").values_list("id", "public_id", "content_hash")[:limit])


def audit_seals_after(position: int, limit: int = PAGE_ROWS) -> list[SealRow]:
    """Seals after a position, in their order."""
    rows = AuditSeal.objects.filter(position__gt=position).order_by("position")
    columns = ("position", "record_id", "content_hash", "previous_hash", "chain_hash", "sealed_at")
    return [SealRow(*row) for row in rows.values_list(*columns)[:limit]]


def audit_records_by_pk(pks: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Columns of records (with their personal parts) by row number."""
    return {row["id"]: row for row in AuditRecord.objects.filter(pk__in=pks).values(*_RECORD_COLUMNS)}


def audit_records_unsealed_pages() -> Iterator[list[dict[str, Any]]]:
    """Columns of all records without a seal, a page at a time; reads the whole index."""
    last = 0
    while True:
        queryset = AuditRecord.objects.filter(seal=None, id__gt=last).order_by("id")
        page = list(queryset.values(*_RECORD_COLUMNS)[:PAGE_ROWS])
        if not page:
            return
        yield page
        last = page[-1]["id"]


def reports_of(user_pk: int) -> QuerySet[Report]:
    """What somebody reported, newest first, with the incidents."""
    return Report.objects.filter(reporter=user_pk).select_related("incident").order_by("-created_at", "-id")


def proposals_list(status: str | None = None) -> QuerySet[Proposal]:
    """Proposals, newest first, with their authors."""
    queryset = Proposal.objects.select_related("author").order_by("-created_at", "-id")
    return queryset.filter(status=status) if status else queryset


def policies_list() -> QuerySet[Policy]:
    """Policies in their current versions, newest first."""
    return Policy.objects.order_by("-created_at", "-id")


def policy_get(public_id: str) -> Policy:
    """One policy. Raises: NotFound."""
    policy = Policy.objects.filter(public_id=public_id).first()
    if policy is None:
        raise NotFound
    return policy


def policy_versions(policy: Policy) -> list[PolicyVersion]:
    """What a policy said, newest first, at most 100 versions."""
    return list(policy.versions.order_by("-version")[:VERSIONS_SHOWN])


def proposal_get(public_id: str) -> Proposal:
    """One proposal. Raises: NotFound."""
    proposal = proposals_list().filter(public_id=public_id).first()
    if proposal is None:
        raise NotFound
    return proposal
