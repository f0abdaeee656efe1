"""What people ask of governance: may I, what is on for me, reports, proposals."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.selectors import user_pk
from governance import decisions
from governance.api.actions import decision_preview
from governance.api.render import decision_json, flag_json, matrix_json, proposal_json, report_json
from governance.api.serializers import (
    CheckIn,
    DecisionOut,
    FlagIn,
    FlagOut,
    FlagsOut,
    ProposalOut,
    ProposalPageOut,
    ProposalQuery,
    ReportIn,
    ReportOut,
    ReportPageOut,
    RolesOut,
)
from governance.errors import ReportAlreadyMade
from governance.selectors import proposal_get, proposals_list, reports_of
from governance.services import flag_write, report_create
from ogc.api.endpoint import SELF, endpoint
from ogc.api.pagination import keyset_page
from ogc.api.responses import created, ok
from ogc.api.views import ApiView
from ogc.errors import NotFound, VersionConflict


class CheckView(ApiView):
    """Whether the caller may do something."""

    @endpoint(
        summary="Would I be allowed to?",
        tags=["governance"],
        scope=SELF,
        request=CheckIn,
        responses={200: DecisionOut},
        example={"action": "wallet.transfer"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """The decision with the level and rule that made it."""
        decision = decision_preview(self.actor, data["action"], data.get("resource"))
        return ok(decision_json(decision))


class FlagsView(ApiView):
    """Feature flags."""

    @endpoint(summary="Flags that are on for me", tags=["governance"], scope=SELF, responses={200: FlagsOut})
    def get(self, request: Request) -> HttpResponse:
        """Those on for the caller; all of them, whole, with `flag.write`."""
        whole = self.actor.has("flag.write")
        rows = [flag_json(flag, self.actor, whole=whole) for flag in decisions.flags()]
        shown = [row for row in rows if whole or row["on"]]
        return ok({"results": shown, "next": None, "previous": None})


class FlagView(ApiView):
    """One feature flag."""

    @endpoint(
        summary="Say for whom a flag is on",
        tags=["governance"],
        scope="flag.write",
        request=FlagIn,
        responses={200: FlagOut},
        errors=[NotFound, VersionConflict],
        action="flags.write",
        example={"version": 1, "enabled": True, "plans": ["pro"], "percentage": 10},
    )
    def put(self, request: Request, data: dict[str, Any], name: str) -> HttpResponse:
        """Write the flag whole."""
        criteria = {key: data[key] for key in ("version", "roles", "plans", "user_ids", "percentage")}
        flag = flag_write(actor=self.actor, name=name, is_enabled=data["enabled"], **criteria)
        return ok(flag_json(decisions.flag_of(flag), self.actor, whole=True))


class RolesView(ApiView):
    """The access matrix."""

    @endpoint(
        summary="Roles and what they bring",
        tags=["governance"],
        scope="admin.read",
        responses={200: RolesOut},
    )
    def get(self, request: Request) -> HttpResponse:
        """All roles with their scopes."""
        return ok(matrix_json())


class ReportsView(ApiView):
    """Reports."""

    @endpoint(
        summary="Report something",
        tags=["governance"],
        scope=SELF,
        request=ReportIn,
        responses={201: ReportOut},
        errors=[NotFound, ReportAlreadyMade],
        action="reports.create",
        example={"target_type": "user", "target_id": "0197…", "reason": "spam", "text": "Advertises."},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Report a target; reports on one target merge into one incident."""
        return created(report_json(report_create(actor=self.actor, **data)))


class MyReportsView(ApiView):
    """Reports of the caller."""

    @endpoint(
        summary="My reports", tags=["governance"], scope=SELF, responses={200: ReportPageOut}, paged=True
    )
    def get(self, request: Request) -> HttpResponse:
        """Newest first, with the status of their incidents."""
        reports = reports_of(user_pk(self.actor.user_id or ""))
        filters = {"reporter": self.actor.user_id}
        return ok(
            keyset_page(request, reports, name="governance.my_reports", filters=filters, render=report_json)
        )


class ProposalsView(ApiView):
    """Proposals."""

    @endpoint(
        summary="Proposals",
        tags=["governance"],
        scope=SELF,
        query=ProposalQuery,
        responses={200: ProposalPageOut},
        paged=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Newest first."""
        proposals = proposals_list(query.get("status"))
        return ok(
            keyset_page(request, proposals, name="governance.proposals", filters=query, render=proposal_json)
        )


class ProposalView(ApiView):
    """One proposal."""

    @endpoint(
        summary="One proposal",
        tags=["governance"],
        scope=SELF,
        responses={200: ProposalOut},
        errors=[NotFound],
    )
    def get(self, request: Request, proposal_id: str) -> HttpResponse:
        """The proposal."""
        return ok(proposal_json(proposal_get(proposal_id)))
