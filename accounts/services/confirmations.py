"""Checking a secret under the lockout: the one way for codes, and for the passwords of who is signed in.

What is wrong must be counted even though the call is refused: so none of this runs inside a transaction of
the caller, and the refusal is raised after the commit.
"""

from collections.abc import Callable
from typing import TypeVar

from accounts.errors import MfaInvalid, PasswordWrong
from accounts.models import User
from accounts.selectors import user_get
from accounts.services import lockout
from ogc.actors import Actor
from ogc.db.transactions import run_in_transaction

R = TypeVar("R")


def proof_attempt(
    *, actor: Actor, user: User | None, subjects: dict[str, str], check: Callable[[], R | None]
) -> R:
    """What `check` returns, in one transaction with the counters, which are locked first.

    So guesses sent at once are counted one by one, and none is tried once the limit is reached.

    Args:
        user: whom the guess is about, where that is known.
        check: None when the secret is wrong; what it wrote until then is committed. It raises for other
            refusals, which are not counted.

    Raises:
        RateLimited: too many failures of one of the subjects.
        MfaInvalid: `check` returned None; counted and audited.

    Effects: locks the counters, then whatever `check` locks.
    """
    known = lockout.require_unlocked(subjects)
    lockout.counters_create(set(subjects.values()) - known)

    def run() -> R | None:
        lockout.require_unlocked_locking(subjects)
        found = check()
        if found is None:
            lockout.failure_note(
                actor=actor,
                user=user,
                subjects=subjects,
                counters=set(subjects.values()),
                action="auth.factor_failed",
            )
        else:
            _forget(user, subjects)
        return found

    outcome = run_in_transaction(run)
    if outcome is None:
        raise MfaInvalid
    return outcome


def password_confirm(*, actor: Actor, password: str) -> User:
    """The caller, who gave their password once more. The password is checked outside any transaction.

    Raises:
        RateLimited: too many failures within this session, or in all sessions of this user (see `lockout`);
            those from outside do not count here.
        PasswordWrong: counted and audited.
    """
    user = user_get(actor.user_id or "")
    subjects = lockout.confirm_subjects(actor)
    counters = lockout.require_unlocked(subjects)
    if not user.check_password(password):
        lockout.failure_note(
            actor=actor, user=user, subjects=subjects, counters=counters, action="auth.password_wrong"
        )
        raise PasswordWrong
    if lockout.require_unlocked(subjects):
        _forget(user, subjects)
    return user


def _forget(user: User | None, subjects: dict[str, str]) -> None:
    """Within a session passwords and codes count together. Where there are both to guess, who knows one of
    them would wipe out failures of the other with it: there failures end by time alone.
    """
    if user is None or not user.two_factor or lockout.CONFIRM not in subjects:
        lockout.forget(subjects)
