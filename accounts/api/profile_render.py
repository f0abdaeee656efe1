"""Profiles and staff's views of users as plain values."""

from typing import Any

from django.conf import settings

from accounts.models import DataExport, User
from accounts.people import PublicProfile, StaffView, avatar_id


def avatar_url(user: User) -> str | None:
    """Where anybody gets the picture; another picture has another address."""
    picture = avatar_id(user)
    return f"{settings.PUBLIC_URL}/api/v1/users/{user.public_id}/avatar?v={picture}" if picture else None


def own_body(user: User) -> dict[str, Any]:
    """A person as they see themselves."""
    return {
        "id": user.public_id,
        "email": user.email,
        "name": user.name,
        **_about(user),
        "email_verified": user.email_verified,
        "plan": user.plan.slug,
        "two_factor": user.two_factor,
        "terms_version": user.terms_version or None,
        "created_at": user.created_at,
    }


def public_body(profile: PublicProfile) -> dict[str, Any]:
    """A person as anybody sees them."""
    return {
        "id": profile.user.public_id,
        "name": profile.user.name,
        "avatar": avatar_url(profile.user),
        "badges": profile.achievements.badges,
        "rank": profile.achievements.rank,
        "finished_challenges": profile.achievements.finished_challenges,
    }


def export_body(export: DataExport) -> dict[str, Any]:
    """How far an export got."""
    return {"id": export.public_id, "status": export.status}


def row_body(user: User) -> dict[str, Any]:
    """A user in the list of staff; groups are prefetched."""
    return _standing(user, {"user", *(group.name for group in user.groups.all())})


def detail_body(view: StaffView) -> dict[str, Any]:
    """Everything that staff may know of a user."""
    user = view.user
    return {
        **_standing(user, set(view.roles)),
        "reason": user.suspended_reason,
        "scopes": sorted(view.scopes),
        "factors": view.factors,
        "live_sessions": view.live_sessions,
        "last_login_at": view.last_login_at,
        "email_verified_at": user.email_verified_at,
        "terms_version": user.terms_version or None,
        "terms_accepted_at": user.terms_accepted_at,
        **_about(user),
        "closed_at": user.closed_at,
    }


def _standing(user: User, roles: set[str]) -> dict[str, Any]:
    return {
        "id": user.public_id,
        "email": user.email,
        "name": user.name,
        "status": user.status,
        "suspended_until": user.suspended_until,
        "roles": sorted(roles),
        "plan": user.plan.slug,
        "email_verified": user.email_verified,
        "two_factor": user.two_factor,
        "created_at": user.created_at,
    }


def _about(user: User) -> dict[str, Any]:
    return {
        "bio": user.bio,
        "avatar": avatar_url(user),
        "locale": user.locale or None,
        "time_zone": user.timezone or None,
        "track": user.track or None,
        "birth_year": user.birth_year,
    }
