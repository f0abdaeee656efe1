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
from accounts.services.activity import locked_record
from ogc.actors import Actor
from ogc.db.transactions import run_in_transaction, transactional
from ogc.ports import audit_record

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
            failure_note(actor=actor, user=user, subjects=subjects, action="auth.factor_failed")
        else:
            lockout.forget(subjects)
        return found

    outcome = run_in_transaction(run)
    if outcome is None:
        raise MfaInvalid
    return outcome


def password_confirm(*, actor: Actor, password: str) -> User:
    """The caller, who gave their password once more. The password is checked outside any transaction.

    Raises:
        RateLimited: too many failures within this session; those from outside do not count here.
        PasswordWrong: counted and audited.
    """
    user = user_get(actor.user_id or "")
    subjects = lockout.confirm_subjects(actor.session_id or "")
    known = lockout.require_unlocked(subjects)
    if not user.check_password(password):
        lockout.counters_create(set(subjects.values()) - known)
        failure_note(actor=actor, user=user, subjects=subjects, action="auth.password_wrong")
        raise PasswordWrong
    if lockout.require_unlocked(subjects):
        lockout.forget(subjects)
    return user


@transactional
def failure_note(*, actor: Actor, user: User | None, subjects: dict[str, str], action: str) -> None:
    """Count one failure, audit it, and tell the user once for each time that it locks something of theirs.

    Raises:
        RateLimited: other failures locked a subject meanwhile.
    """
    locked = lockout.failure_record(subjects)
    audit_record(
        actor=actor,
        action="auth.locked" if locked else action,
        target_type="user" if user else "address",
        target_id=user.public_id if user else next(iter(subjects.values()), ""),
        severity="warning" if locked else "info",
        after={"locked": locked} if locked else None,
    )
    theirs = [kind for kind in locked if kind != lockout.ADDRESS]
    if user is not None and theirs:
        locked_record(user, theirs[0])
