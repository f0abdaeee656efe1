"""What staff read of people leaves a trace (api.md, Admin: every call is audited)."""

from collections.abc import Mapping
from typing import Any

from accounts.people import StaffView, staff_view
from ogc import access
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.ports import audit_record

SCOPE = "admin.read"


@transactional
def users_listed(*, actor: Actor, filters: Mapping[str, Any]) -> None:
    """Record that staff looked through the list of users. What they searched for may be personal: not kept.

    Raises:
        PermissionDenied: without `admin.read`.
    """
    access.require(actor, "users.list", scope=SCOPE, write=False)
    kept = {name: value for name, value in filters.items() if name != "search"}
    audit_record(actor=actor, action="users.listed", after=kept | {"searched": "search" in filters})


@transactional
def user_view(*, actor: Actor, user_id: str) -> StaffView:
    """Everything that staff may know of a user.

    Raises:
        PermissionDenied: without `admin.read`.
        NotFound: no such user.

    Effects: audit record.
    """
    access.require(actor, "users.read", scope=SCOPE, write=False)
    view = staff_view(user_id)
    audit_record(actor=actor, action="users.viewed", target_type="user", target_id=user_id)
    return view
