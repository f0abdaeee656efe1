"""What staff ask of governance: approvals, audit, roles of people, policies."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.errors import StepUpRequired
from governance.api.render import (
    approval_json,
    audit_json,
    policy_json,
    policy_version_json,
)
from governance.api.serializers import (
    ApprovalOut,
    ApprovalPageOut,
    ApprovalQuery,
    AuditPageOut,
    AuditQuery,
    AuditVerificationOut,
    PolicyChangeIn,
    PolicyDetailOut,
    PolicyIn,
    PolicyOut,
    PolicyPageOut,
    PolicySchemaOut,
    ReasonIn,
    RoleIn,
    UserRolesOut,
    filters_of,
)
from governance.constants import INLINE_VERIFY_RECORDS
from governance.errors import (
    ApprovalChanged,
    ApprovalExpired,
    ApprovalNotPending,
    ApprovalRequesterLost,
)
from governance.policy_schema import SCHEMAS
from governance.selectors import approvals_list, audit_list, policies_list, policy_get, policy_versions
from governance.services import (
    approval_approve,
    approval_reject,
    audit_verify,
    policy_write,
    role_assign,
    role_remove,
)
from ogc.api.endpoint import endpoint
from ogc.api.numbered import numbered_page
from ogc.api.pagination import keyset_page
from ogc.api.responses import created, ok
from ogc.api.views import ApiView
from ogc.errors import (
    CannotChangeSelf,
    LastSuperAdmin,
    NotFound,
    RoleTooHigh,
    SecondPersonRequired,
    VersionConflict,
)

_DECISION_ERRORS = [NotFound, ApprovalNotPending, ApprovalExpired, SecondPersonRequired]


class ApprovalsView(ApiView):
    """What waits for a second person."""

    @endpoint(
        summary="Approvals",
        tags=["admin"],
        scope="admin.read",
        query=ApprovalQuery,
        responses={200: ApprovalPageOut},
        paged=True,
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Newest first."""
        approvals = approvals_list(query.get("status"))
        return ok(
            keyset_page(request, approvals, name="governance.approvals", filters=query, render=approval_json)
        )


class ApproveView(ApiView):
    """Approving."""

    @endpoint(
        summary="Approve and carry out",
        tags=["admin"],
        scope="admin.read",
        request=ReasonIn,
        responses={200: ApprovalOut},
        errors=[*_DECISION_ERRORS, StepUpRequired, CannotChangeSelf, ApprovalChanged, ApprovalRequesterLost],
        no_store=True,
        description="Needs the scope of the action too, and another person than the requester.",
    )
    def post(self, request: Request, data: dict[str, Any], approval_id: str) -> HttpResponse:
        """Check again, carry out, keep the result."""
        approval = approval_approve(actor=self.actor, approval_id=approval_id, reason=data["reason"])
        return ok(approval_json(approval))


class RejectView(ApiView):
    """Rejecting."""

    @endpoint(
        summary="Reject an approval",
        tags=["admin"],
        scope="admin.read",
        request=ReasonIn,
        responses={200: ApprovalOut},
        errors=_DECISION_ERRORS,
        no_store=True,
        description="Needs the scope of the action too, and another person than the requester.",
    )
    def post(self, request: Request, data: dict[str, Any], approval_id: str) -> HttpResponse:
        """Refuse for good."""
        approval = approval_reject(actor=self.actor, approval_id=approval_id, reason=data["reason"])
        return ok(approval_json(approval))


class AuditView(ApiView):
    """The audit trail."""

    @endpoint(
        summary="Audit records",
        tags=["admin"],
        scope="audit.read",
        query=AuditQuery,
        responses={200: AuditPageOut},
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Newest first, up to page 100."""
        records = audit_list(**filters_of(query))
        return ok(numbered_page(request, records, query=query, render=audit_json))


class AuditVerifyView(ApiView):
    """Proof of the audit trail."""

    @endpoint(
        summary="Verify the newest part of the audit trail",
        tags=["admin"],
        scope="audit.read",
        responses={200: AuditVerificationOut},
        no_store=True,
        description="The newest 5,000 seals and the head; `manage.py verify_audit` checks all of them.",
    )
    def get(self, request: Request) -> HttpResponse:
        """What was checked and found."""
        return ok(audit_verify(newest=INLINE_VERIFY_RECORDS).as_json())


class UserRolesView(ApiView):
    """Roles of a user."""

    @endpoint(
        summary="Give a role",
        tags=["admin"],
        scope="role.write",
        request=RoleIn,
        responses={200: UserRolesOut},
        errors=[NotFound, StepUpRequired, CannotChangeSelf, RoleTooHigh],
        action="roles.assign",
        example={"role": "moderator", "reason": "joined the team"},
    )
    def post(self, request: Request, data: dict[str, Any], user_id: str) -> HttpResponse:
        """Give it; its holder gets a new access token at the next refresh."""
        roles = role_assign(actor=self.actor, user_id=user_id, **data)
        return ok({"user_id": user_id, "roles": sorted(roles)})

    @endpoint(
        summary="Take a role",
        tags=["admin"],
        scope="role.write",
        request=RoleIn,
        responses={200: UserRolesOut},
        errors=[NotFound, CannotChangeSelf, RoleTooHigh, LastSuperAdmin],
        confirm=True,
        action="roles.remove",
        example={"role": "moderator", "reason": "left the team", "confirm": True},
    )
    def delete(self, request: Request, data: dict[str, Any], user_id: str) -> HttpResponse:
        """Take it; access tokens already issued are refused within 2 seconds."""
        roles = role_remove(actor=self.actor, user_id=user_id, **data)
        return ok({"user_id": user_id, "roles": sorted(roles)})


class PoliciesView(ApiView):
    """Policies."""

    @endpoint(
        summary="Policies",
        tags=["governance"],
        scope="policy.write",
        responses={200: PolicyPageOut},
        paged=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Newest first, in their current versions."""
        return ok(keyset_page(request, policies_list(), name="governance.policies", render=policy_json))

    @endpoint(
        summary="Write a new policy",
        tags=["governance"],
        scope="policy.write",
        request=PolicyIn,
        responses={201: PolicyOut},
        action="policies.write",
        example={
            "level": "action",
            "name": "no-withdrawals",
            "document": {
                "rules": [
                    {
                        "id": "stop",
                        "effect": "deny",
                        "actions": ["wallet.withdraw"],
                        "explanation": "Withdrawals are stopped.",
                    }
                ]
            },
        },
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Its first version."""
        enabled = data.pop("enabled")
        return created(policy_json(policy_write(actor=self.actor, is_enabled=enabled, **data)))


class PolicySchemaView(ApiView):
    """The schema of policy documents."""

    @endpoint(
        summary="JSON Schema of policy documents",
        tags=["governance"],
        scope="policy.write",
        responses={200: PolicySchemaOut},
    )
    def get(self, request: Request) -> HttpResponse:
        """By level."""
        return ok({"levels": SCHEMAS})


class PolicyView(ApiView):
    """One policy."""

    @endpoint(
        summary="One policy with its versions",
        tags=["governance"],
        scope="policy.write",
        responses={200: PolicyDetailOut},
        errors=[NotFound],
    )
    def get(self, request: Request, policy_id: str) -> HttpResponse:
        """The policy and what it said before."""
        policy = policy_get(policy_id)
        versions = [policy_version_json(version) for version in policy_versions(policy)]
        return ok({**policy_json(policy), "versions": versions})

    @endpoint(
        summary="Write the next version of a policy",
        tags=["governance"],
        scope="policy.write",
        request=PolicyChangeIn,
        responses={200: PolicyOut},
        errors=[NotFound, VersionConflict],
        action="policies.write",
    )
    def put(self, request: Request, data: dict[str, Any], policy_id: str) -> HttpResponse:
        """Replace its document, level, name and whether it holds."""
        enabled = data.pop("enabled")
        policy = policy_write(actor=self.actor, policy_id=policy_id, is_enabled=enabled, **data)
        return ok(policy_json(policy))
