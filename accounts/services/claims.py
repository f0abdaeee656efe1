"""What access tokens say about a user, and what happens when that changes."""

from django.conf import settings
from django.db.models import F

from accounts import plans, ports, selectors
from accounts.constants import RevocationKind
from accounts.locks import user_lock
from accounts.models import Session, User
from accounts.services.revoke import revoke
from ogc.actors import Actor
from ogc.db.transactions import transactional


def actor_for(user: User, *, session: Session | None = None) -> Actor:
    """The user as the first argument of services; one query (roles with scopes).

    In a session without a second factor staff roles bring no scopes where STAFF_TWO_FACTOR is on.
    """
    is_weak = settings.STAFF_TWO_FACTOR and session is not None and session.mfa_at is None
    roles, scopes = ports.role_scopes(user.pk, with_staff_scopes=not is_weak)
    return Actor(
        kind="user",
        user_id=user.public_id,
        roles=frozenset(roles),
        scopes=frozenset(scopes),
        plan=plans.slug_of(user.plan_id),
        session_id=session.public_id if session else None,
    )


@transactional
def user_hold(*, user_id: str) -> User:
    """The user, whose account can't be closed or suspended until the caller's transaction ends.

    Whatever begins for somebody (an entry, a team) takes it before it looks at their standing, since closing
    an account asks for what is open under the same lock.

    Raises:
        NotFound: no such user.
    """
    return user_lock(selectors.user_pk(user_id))


@transactional
def claims_changed(*, user_pk: int) -> None:
    """Refuse the access tokens that a user holds, because roles, plan or factors change in this transaction.

    Their holders refresh and get the new claims. Call it before reading what the new claims follow from:
    it takes the user's row, which making a token takes too, so that no token with old claims slips through.

    Effects: locks the user; one Revocation row; memory of this process after the commit.
    """
    user = user_lock(user_pk)
    version = user.claims_version + 1
    User.objects.filter(pk=user_pk).update(claims_version=F("claims_version") + 1)
    revoke(RevocationKind.CLAIMS, user.public_id, claims_version=version)
