"""Lines of the security timeline for tests."""

from typing import Any

from accounts.constants import ActivityKind
from accounts.models import Activity, Session, User


def line_make(
    user: User, kind: ActivityKind = ActivityKind.LOGIN, *, session: Session | None = None, **fields: Any
) -> Activity:
    """One line, written as the door writes it but from nowhere, and telling nobody."""
    defaults = {"ip": "192.0.2.7", "device": "Firefox on Linux", "details": {}}
    return Activity.objects.create(user=user, kind=kind, session=session, **(defaults | fields))
