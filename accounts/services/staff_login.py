"""Login of staff into the admin site: a session without tokens, held by the site's own cookie."""

from datetime import timedelta

from accounts.constants import ADMIN_IDLE_SECONDS, ADMIN_SESSION_SECONDS, TokenTransport
from accounts.errors import InvalidCredentials
from accounts.models import Session
from accounts.services.login import login_complete, password_check
from ogc import clock
from ogc.actors import Actor


def staff_login(*, actor: Actor, email: str, password: str) -> str:
    """Open a session of the admin site; the password is checked as for the API, under the same lockout.

    Raises:
        RateLimited, InvalidCredentials: as `login`; also InvalidCredentials for people who are not staff.
        AccountDisabled: the password is right, and the account is suspended or closed.

    Effects: as `login_complete`.

    Returns:
        The public id of the session.
    """
    user = password_check(actor=actor, email=email, password=password)
    if not user.is_staff:
        raise InvalidCredentials
    return login_complete(user_pk=user.pk, transport=TokenTransport.ADMIN).session_id


def staff_session_touch(*, session: Session) -> None:
    """Let a session of the admin site go on, up to the end of its longest life. Effects: one update."""
    now = clock.now()
    longest = session.created_at + timedelta(seconds=ADMIN_SESSION_SECONDS)
    Session.objects.filter(pk=session.pk, ended_at=None).update(
        last_used_at=now, expires_at=min(now + timedelta(seconds=ADMIN_IDLE_SECONDS), longest)
    )
