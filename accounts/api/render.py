"""Answers of accounts as plain values."""

from typing import Any

from django.http import HttpResponse

from accounts.api import cookies
from accounts.constants import TokenTransport
from accounts.models import Passkey, Session, User
from accounts.selectors import UserProfile
from accounts.services.mfa_challenges import MfaRequired
from accounts.services.sessions import Granted
from accounts.timeline import is_deniable, sentence
from ogc.actors import Actor
from ogc.api.responses import ok


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


def login_response(outcome: Granted | MfaRequired) -> HttpResponse:
    """The answer of every way to log in: tokens, the refresh token where the client wants it kept; or the
    question for the second factor, which sets no cookie."""
    if isinstance(outcome, MfaRequired):
        return ok(
            {
                "mfa_required": True,
                "mfa_token": outcome.mfa_token,
                "factors": outcome.factors,
                "expires_in": outcome.expires_in,
            }
        )
    in_body = outcome.transport == TokenTransport.BODY
    response = ok(tokens_body(outcome, with_refresh=in_body) | {"user": user_body(outcome.user)})
    if not in_body:
        cookies.refresh_set(response, outcome.refresh)
    return response


def passkey_body(passkey: Passkey) -> dict[str, Any]:
    """A passkey as its owner sees it."""
    return {
        "id": passkey.public_id,
        "name": passkey.name,
        "backed_up": passkey.is_backed_up,
        "transports": passkey.transports,
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
    }


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
        "created_at": row["created_at"],
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
