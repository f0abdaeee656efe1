"""The admin pages of governance; audit and history are read-only."""

from governance.admin import access, approvals, audit, community, roles

__all__ = ["access", "approvals", "audit", "community", "roles"]
