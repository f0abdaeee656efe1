"""Answers of accounts as plain values."""

from typing import Any

from accounts.models import Session, User
from accounts.selectors import UserProfile
from accounts.services.sessions import Granted
from accounts.timeline import is_deniable, sentence
from ogc.actors import Actor


def user_body(profile: UserProfile) -> dict[str, Any]:
    """A user as they see themselves."""
    return {
        "id": profile.id,
        "email": profile.email,
        "name": profile.name,
        "email_verified": profile.email_verified,
        "roles": sorted(profile.roles),
        "scopes": sorted(profile.scopes),
        "plan": profile.plan,
        "two_factor": profile.two_factor,
        "created_at": profile.created_at,
    }


def tokens_body(granted: Granted, *, with_refresh: bool) -> dict[str, Any]:
    """The part of an answer that opens doors; the refresh token only where it is not in the cookie."""
    body: dict[str, Any] = {"access": granted.access, "expires_in": granted.expires_in}
    return body | {"refresh": granted.refresh} if with_refresh else body


def standing_body(user: User) -> dict[str, Any]:
    """What staff see after suspending or reinstating."""
    return {
        "id": user.public_id,
        "email": user.email,
        "name": user.name,
        "status": user.status,
        "suspended_until": user.suspended_until,
        "reason": user.suspended_reason,
    }


def activity_body(row: dict[str, Any], session_id: str | None) -> dict[str, Any]:
    """A line of the timeline.

    Args:
        row: of `selectors.activity_list`.
        session_id: public id of the caller's session.
    """
    line_session = row["session__public_id"]
    return {
        "id": row["public_id"],
        "kind": row["kind"],
        "text": sentence(row["kind"], row["details"], row["device"]),
        "at": row["created_at"],
        "ip": row["ip"],
        "device": row["device"],
        "session_id": line_session,
        "current_session": line_session is not None and line_session == session_id,
        "details": row["details"],
        "deniable": row["denied_at"] is None and is_deniable(row["kind"], row["details"]),
        "denied_at": row["denied_at"],
    }


def session_body(session: Session, actor: Actor) -> dict[str, Any]:
    """A session as its owner sees it; `current` is the one that asks."""
    return {
        "id": session.public_id,
        "device": session.device,
        "ip": session.ip,
        "method": session.method,
        "created_at": session.created_at,
        "last_used_at": session.last_used_at,
        "current": session.public_id == actor.session_id,
        "mfa": session.mfa_at is not None,
    }
