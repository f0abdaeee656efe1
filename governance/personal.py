"""What governance holds of a person: parts of the export of personal data. Nothing of who decided on them."""

from collections.abc import Iterator
from typing import Any

from auditlog.models import LogEntry
from django.contrib.auth import get_user_model

from accounts.ports import PersonalSection
from governance.models import Appeal, AuditRecord, Proposal, ProposalVote, Report
from ogc.amounts import format_amount
from ogc.personal import rows_of

_own_audit = rows_of(
    AuditRecord, "actor_id", created_at="created_at", action="action", target_type="target_type",
    target_id="target_id", ip="personal__ip", user_agent="personal__user_agent",
)  # fmt: skip


def _audit_rows(user_pk: int) -> Iterator[dict[str, Any]]:
    """Records name people by public id."""
    return _own_audit(get_user_model().objects.values_list("public_id", flat=True).get(pk=user_pk))


SECTIONS = (
    PersonalSection(
        "reports",
        rows_of(
            Report, "reporter", id="public_id", created_at="created_at", target_type="target_type",
            target_id="target_id", reason="reason", text="text",
        ),
        ("governance.Report.reporter",),
    ),
    PersonalSection(
        "appeals",
        rows_of(
            Appeal, "appellant", id="public_id", created_at="created_at", text="text", status="status",
            decided_at="decided_at", decision_reason="decision_reason",
        ),
        ("governance.Appeal.appellant",),
    ),
    PersonalSection(
        "proposals",
        rows_of(
            Proposal, "author", id="public_id", created_at="created_at", title="title",
            description="description", category="category", status="status",
        ),
        ("governance.Proposal.author",),
    ),
    PersonalSection(
        "proposal_votes",
        rows_of(
            ProposalVote, "voter", proposal="proposal__public_id", choice="choice",
            stake=("stake", format_amount), weight=("weight", format_amount), created_at="created_at",
        ),
        ("governance.ProposalVote.voter",),
    ),
    PersonalSection("audit_trail", _audit_rows),
    PersonalSection(
        "model_changes",
        rows_of(LogEntry, "actor", at="timestamp", model="content_type__model", ip="remote_addr"),
        ("auditlog.LogEntry.actor",),
    ),
)  # fmt: skip
