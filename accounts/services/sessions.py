"""Sessions: opened, granted access tokens, ended."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from accounts import signing_keys
from accounts.constants import (
    ADMIN_IDLE_SECONDS,
    REFRESH_TOKEN_BYTES,
    ActivityKind,
    LoginMethod,
    SessionEnd,
    TokenTransport,
)
from accounts.devices import device_name, network_of
from accounts.locks import user_lock
from accounts.models import RefreshToken, Session, User
from accounts.rules import require_not_above
from accounts.selectors import UserProfile, profile_with, user_get, user_pk
from accounts.services.activity import activity_record
from accounts.services.claims import actor_for
from accounts.services.mfa_challenges import mfa_challenges_void
from accounts.services.revoke import revoke_sessions
from accounts.services.signing_keys import signing_key_ensure
from accounts.tokens import access_token_make
from ogc import access, clock, context
from ogc.actors import Actor
from ogc.db.statements import InsertStatement
from ogc.db.transactions import transactional
from ogc.errors import CannotChangeSelf, NotFound
from ogc.ports import audit_record

USER_AGENT_MAX_LENGTH = 255
_INSERT_SESSION = InsertStatement(Session)
_INSERT_REFRESH_TOKEN = InsertStatement(RefreshToken)


@dataclass(frozen=True, slots=True)
class Granted:
    """Tokens for one session; `refresh` is the only place where its text exists.

    A session of the admin site has none: both texts are empty, and its public id goes into the cookie's
    session.
    """

    session_id: str
    access: str
    expires_in: int
    refresh: str
    transport: str
    user: UserProfile


def refresh_hash(token: str) -> str:
    """What is stored of a refresh token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_open(
    user: User,
    transport: TokenTransport,
    *,
    method: LoginMethod = LoginMethod.PASSWORD,
    with_factor: bool = False,
) -> tuple[Session, str]:
    """A session and its first refresh token, for a user whose row the caller has locked.

    A session of the admin site has no refresh token (the text is empty): it goes on by being used, see
    `staff_session_touch`.

    Args:
        method: how the person logged in.
        with_factor: a second factor was passed.
    """
    now, here = clock.now(), context.current()
    is_admin = transport == TokenTransport.ADMIN
    life = timedelta(seconds=ADMIN_IDLE_SECONDS) if is_admin else timedelta(days=settings.REFRESH_TOKEN_DAYS)
    session = Session(
        user=user,
        transport=transport,
        ip=here.ip or None,
        user_agent=here.user_agent[:USER_AGENT_MAX_LENGTH],
        method=method,
        device=device_name(here.user_agent),
        network=network_of(here.ip),
        mfa_at=now if with_factor else None,
        created_at=now,
        last_used_at=now,
        expires_at=now + life,
    )
    _INSERT_SESSION.save(session)
    if is_admin:
        return session, ""
    text = refresh_text()
    refresh_token_add(session, text, parent=None)
    return session, text


def refresh_text() -> str:
    """The text of a new refresh token."""
    return secrets.token_urlsafe(REFRESH_TOKEN_BYTES)


def refresh_token_add(session: Session, text: str, *, parent: RefreshToken | None) -> None:
    """The row of a new refresh token, which lives as long as its session."""
    row = RefreshToken(
        session=session, parent=parent, token_hash=refresh_hash(text), expires_at=session.expires_at
    )
    _INSERT_REFRESH_TOKEN.save(row)


def access_grant(user: User, session: Session, refresh: str) -> Granted:
    """An access token with what the user may do now; the caller has locked the user's row."""
    actor = actor_for(user, session=session)
    text = ""
    if session.transport != TokenTransport.ADMIN:
        if signing_keys.signer() is None:
            signing_key_ensure()
        text = access_token_make(
            user_id=user.public_id,
            session_id=session.public_id,
            roles=actor.roles,
            scopes=actor.scopes,
            plan=actor.plan,
            claims_version=user.claims_version,
        )
    profile = profile_with(user, actor.roles, actor.scopes, actor.plan)
    return Granted(
        session.public_id, text, settings.ACCESS_TOKEN_SECONDS, refresh, session.transport, profile
    )


def sessions_end(
    user: User, reason: SessionEnd, *, session_id: str | None = None, except_session_id: str | None = None
) -> int:
    """End live sessions of a user whose row the caller has locked: the one place where sessions end.

    Args:
        session_id: public id of the one to end; None: all.
        except_session_id: public id of one that goes on, such as the caller's own.

    Effects: refresh tokens die with their session; revocation rows for the access tokens; one line of the
    timeline, if any was live. Half logins die too, unless it is about one session.

    Returns:
        How many were live.
    """
    live = Session.objects.filter(user=user, ended_at=None)
    if session_id is not None:
        live = live.filter(public_id=session_id)
    else:
        mfa_challenges_void(user)
    if except_session_id is not None:
        live = live.exclude(public_id=except_session_id)
    ended = list(live)
    if not ended:
        return 0
    Session.objects.filter(pk__in=[one.pk for one in ended]).update(ended_at=clock.now(), end_reason=reason)
    revoke_sessions([one.public_id for one in ended])
    if session_id is not None:
        activity_record(user, ActivityKind.SESSION_ENDED, session=ended[0], reason=reason.value)
    else:
        activity_record(user, ActivityKind.SESSIONS_ENDED, reason=reason.value, count=len(ended))
    return len(ended)


@transactional
def logout(*, actor: Actor) -> None:
    """End the caller's session; its access tokens are refused within 2 seconds everywhere."""
    user = user_lock(user_pk(actor.user_id or ""))
    sessions_end(user, SessionEnd.LOGOUT, session_id=actor.session_id or "")


@transactional
def session_revoke(*, actor: Actor, session_id: str) -> None:
    """End one of the caller's sessions, this one or another.

    Raises:
        NotFound: no living session of theirs has this public id.
    """
    user = user_lock(user_pk(actor.user_id or ""))
    if not sessions_end(user, SessionEnd.REVOKED, session_id=session_id):
        raise NotFound


@transactional
def logout_all(*, actor: Actor) -> int:
    """End all sessions of the caller, this one too. Effects: audit record."""
    user = user_lock(user_pk(actor.user_id or ""))
    count = sessions_end(user, SessionEnd.LOGOUT_ALL)
    audit_record(
        actor=actor,
        action="auth.logout_all",
        target_type="user",
        target_id=user.public_id,
        after={"sessions": count},
    )
    return count


@transactional
def user_logout(*, actor: Actor, user_id: str, reason: str = "", session_id: str | None = None) -> int:
    """End all sessions of somebody else, or one of them, by staff with `users.write`.

    Raises:
        PermissionDenied: the scope is missing.
        NotFound: no such user, or no such living session of theirs.
        CannotChangeSelf: that is /auth/logout-all.
        RoleTooHigh: staff with a scope that the caller lacks.
    """
    access.require(actor, "users.logout", scope="users.write")
    user = user_lock(user_get(user_id).pk)
    if user.public_id == actor.user_id:
        raise CannotChangeSelf
    require_not_above(actor, actor_for(user))
    count = sessions_end(user, SessionEnd.STAFF, session_id=session_id)
    if session_id is not None and not count:
        raise NotFound
    audit_record(
        actor=actor,
        action="users.logout",
        target_type="user",
        target_id=user.public_id,
        after={"sessions": count} | ({"session": session_id} if session_id is not None else {}),
        reason=reason,
    )
    return count
