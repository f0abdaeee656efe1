"""What waits for a second person."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from governance.models import Approval
from governance.services import approval_approve, approval_reject
from ogc.admin import ScopedModelAdmin


@admin.register(Approval)
class ApprovalAdmin(ScopedModelAdmin):
    """The queue of approvals; the service says who may decide which."""

    list_display = ("action", "requester", "reason", "status", "created_at", "expires_at", "decided_by")
    list_filter = ("status", "action")
    list_select_related = ("requester", "decided_by")
    search_fields = ("public_id", "requester__email", "reason")
    actions = ("approve", "reject")

    @admin.action(description="Approve and carry out", permissions=["admin_read"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Approval]) -> None:
        """Approve each one."""
        self._decide(request, queryset, approval_approve)

    @admin.action(description="Reject", permissions=["admin_read"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Approval]) -> None:
        """Reject each one."""
        self._decide(request, queryset, approval_reject)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Approval], service: Callable[..., Approval]
    ) -> None:
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: service(actor=actor, approval_id=row.public_id, reason=reason),
        )
