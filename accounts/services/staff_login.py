"""Login of staff into the admin site: a session without tokens, held by the site's own cookie."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from accounts.constants import (
    ADMIN_IDLE_SECONDS,
    ADMIN_SESSION_SECONDS,
    CeremonyPurpose,
    Factor,
    TokenTransport,
)
from accounts.errors import InvalidCredentials
from accounts.models import Session, User
from accounts.selectors import user_get
from accounts.services.factors import code_use
from accounts.services.login import login_checked, password_check
from accounts.services.mfa import mfa_answer
from accounts.services.mfa_challenges import MfaRequired
from accounts.services.passkey_proofs import passkey_factor
from ogc import clock
from ogc.actors import Actor
from ogc.errors import PermissionDenied

FACTOR_MISSING = (
    "Staff log in here with a second factor, and you have none: log in to the API, set up an authenticator "
    "app (POST /api/v1/auth/2fa/setup, then /confirm) or a passkey, and come back."
)


def staff_login(*, actor: Actor, email: str, password: str) -> str | MfaRequired:
    """Open a session of the admin site, or ask for the second factor; the same checks as for the API.

    Raises:
        RateLimited, InvalidCredentials: as `login`; also InvalidCredentials for people who are not staff.
        AccountDisabled: the password is right, and the account is suspended or closed.
        PermissionDenied: a second factor is needed here, and none is set up.

    Effects: as `login_checked`.

    Returns:
        The public id of the session, or the half login for `staff_login_verify`.
    """
    checked = password_check(actor=actor, email=email, password=password)
    user = user_get(checked.user.public_id)
    if not user.is_staff:
        raise InvalidCredentials
    if settings.STAFF_TWO_FACTOR and user.is_active and not user.two_factor:
        raise PermissionDenied(FACTOR_MISSING)
    answer = login_checked(checked=checked, transport=TokenTransport.ADMIN)
    return answer if isinstance(answer, MfaRequired) else answer.session_id


def staff_login_verify(*, actor: Actor, mfa_token: str, code: str = "", passkey: Any = None) -> str:
    """Complete a half login with a code, or with a passkey when one is given.

    Raises: as `mfa_answer`.

    Returns:
        The public id of the session.
    """

    def prove(user: User) -> Factor | None:
        if passkey is None:
            return code_use(user, code)
        return passkey_factor(passkey, CeremonyPurpose.MFA, user=user)

    return mfa_answer(actor=actor, mfa_token=mfa_token, prove=prove, is_admin_site=True).session_id


def staff_session_touch(*, session: Session) -> None:
    """Let a session of the admin site go on, up to the end of its longest life. Effects: one update."""
    now = clock.now()
    longest = session.created_at + timedelta(seconds=ADMIN_SESSION_SECONDS)
    Session.objects.filter(pk=session.pk, ended_at=None).update(
        last_used_at=now, expires_at=min(now + timedelta(seconds=ADMIN_IDLE_SECONDS), longest)
    )
