"""Login by address and password."""

from dataclasses import dataclass
from functools import lru_cache

from django.contrib.auth.hashers import check_password, make_password

from accounts.constants import ActivityKind, LoginMethod, TokenTransport
from accounts.devices import device_name, network_of
from accounts.errors import InvalidCredentials
from accounts.models import User
from accounts.rules import email_normalise
from accounts.selectors import news_of_login
from accounts.services import lockout
from accounts.services.activity import activity_record
from accounts.services.mfa_challenges import MfaRequired, mfa_challenge_open
from accounts.services.sessions import Granted, access_grant, session_open
from accounts.signals import logged_in
from ogc import context
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import AccountDisabled


def login(
    *, actor: Actor, email: str, password: str, transport: TokenTransport = TokenTransport.COOKIE
) -> Granted | MfaRequired:
    """Open a session, or ask for the second factor.

    The password is checked outside any transaction: hashing takes long.

    Raises:
        RateLimited: too many failures of this account or IP; known and unknown addresses alike.
        InvalidCredentials: wrong password or unknown address, after the same time.
        AccountDisabled: the password is right, and the user is suspended or closed.

    Effects: session, refresh token, event `logged_in`; failures are counted and audited.
    """
    checked = password_check(actor=actor, email=email, password=password)
    return login_checked(checked=checked, transport=transport)


@dataclass(frozen=True, slots=True)
class Checked:
    """Whose password was right (ids and password are read, no more), and what failures count against."""

    user: User
    subjects: dict[str, str]


def password_check(*, actor: Actor, email: str, password: str) -> Checked:
    """The user with this address and password, under the lockout. The account may be suspended.

    Whoever goes on asks the lockout again (`login_checked`).

    Raises:
        RateLimited, InvalidCredentials: see `login`.
    """
    address = email_normalise(email)
    subjects = lockout.subjects_of(address, context.current().ip)
    user, counters = lockout.login_look(address, subjects)
    if not _password_matches(user, password) or user is None:
        lockout.failure_note(
            actor=actor,
            user=user,
            subjects=subjects,
            counters=counters,
            action="auth.login_failed",
            email=address,
        )
        raise InvalidCredentials
    if subjects[lockout.ACCOUNT] in counters:
        lockout.forget(subjects)
    return Checked(user, subjects)


def _password_matches(user: User | None, password: str) -> bool:
    nobodys_hash = _nobodys_hash()
    if user is None or not user.has_usable_password():
        check_password(password, nobodys_hash)
        return False
    return user.check_password(password)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """Made by the first login of a process, whoever that is, so that its cost tells nothing."""
    return make_password("the password of nobody")


@transactional
def login_checked(*, checked: Checked, transport: TokenTransport) -> Granted | MfaRequired:
    """Go on after a right password.

    The lockout is asked again: hashing takes long, and guesses sent at once must not learn more than the
    limit lets them.

    Raises:
        RateLimited: an account or IP was locked while the password was checked.
        InvalidCredentials: the password was changed since it was checked: a reset that ends all sessions
            leaves no login half way through.
        AccountDisabled: suspended or closed.

    Effects: locks the user; as `login_proceed`.
    """
    user = lockout.user_lock_unlocked(checked.user.pk, checked.subjects)
    if user.password != checked.user.password:
        raise InvalidCredentials
    return login_proceed(user, transport)


def login_proceed(
    user: User, transport: TokenTransport, *, method: LoginMethod = LoginMethod.PASSWORD
) -> Granted | MfaRequired:
    """What follows a first proof: a session, or a half login for those who have a second factor.

    Args:
        user: its row is locked by the caller, as by `user_lock`.

    Raises:
        AccountDisabled: suspended or closed.

    Effects: as `login_complete` or `mfa_challenge_open`.
    """
    if user.is_active and user.two_factor:
        return mfa_challenge_open(user, transport, method=method)
    return login_complete(user, transport, method=method)


def login_complete(
    user: User,
    transport: TokenTransport,
    *,
    method: LoginMethod = LoginMethod.PASSWORD,
    with_factor: bool = False,
) -> Granted:
    """Open a session for somebody who proved who they are: the one end of every way to log in.

    Args:
        user: its row is locked by the caller.

    Raises:
        AccountDisabled: suspended or closed.

    Effects: session, refresh token, event `logged_in`; one line of the timeline, which says so (and is
        mailed) when device or network are new.
    """
    if not user.is_active:
        raise AccountDisabled
    here = context.current()
    news = news_of_login(user, device_name(here.user_agent), network_of(here.ip))
    session, refresh = session_open(user, transport, method=method, with_factor=with_factor)
    if news:
        activity_record(user, ActivityKind.NEW_DEVICE, session=session, method=method.value, new=news)
    else:
        activity_record(user, ActivityKind.LOGIN, session=session, method=method.value)
    logged_in.emit(user_id=user.public_id, session_id=session.public_id)
    return access_grant(user, session, refresh)
