"""Tables of governance."""

from governance.models.access import FeatureFlag, Policy, PolicyVersion, Scope
from governance.models.approvals import Approval
from governance.models.audit import AuditPersonal, AuditRecord, AuditSeal
from governance.models.moderation import Appeal, Incident, Report
from governance.models.proposals import Proposal, ProposalVote

__all__ = [
    "Appeal",
    "Approval",
    "AuditPersonal",
    "AuditRecord",
    "AuditSeal",
    "FeatureFlag",
    "Incident",
    "Policy",
    "PolicyVersion",
    "Proposal",
    "ProposalVote",
    "Report",
    "Scope",
]
