"""Every state change of governance, one function for each use case."""

from governance.services.access import access_sync
from governance.services.approvals import approval_approve, approval_reject, approval_request
from governance.services.audit import audit_personal_erase, audit_record
from governance.services.flags import flag_write
from governance.services.incidents import incident_open
from governance.services.owners import owner_create
from governance.services.policies import policy_write
from governance.services.reports import report_create
from governance.services.roles import role_assign, role_remove
from governance.services.sealing import audit_seal
from governance.services.verification import audit_verify

__all__ = [
    "access_sync",
    "approval_approve",
    "approval_reject",
    "approval_request",
    "audit_personal_erase",
    "audit_record",
    "audit_seal",
    "audit_verify",
    "flag_write",
    "incident_open",
    "owner_create",
    "policy_write",
    "report_create",
    "role_assign",
    "role_remove",
]
