"""What access tokens say about a user, and what happens when that changes."""

from django.db.models import F

from accounts import ports
from accounts.constants import RevocationKind
from accounts.locks import user_lock
from accounts.models import User
from accounts.services.revoke import revoke
from ogc.actors import Actor
from ogc.db.transactions import transactional


def actor_for(user: User, *, session_id: str | None = None) -> Actor:
    """The user as the first argument of services; three queries (roles, scopes, plan)."""
    roles, scopes = ports.role_scopes(user.pk)
    return Actor(
        kind="user",
        user_id=user.public_id,
        roles=frozenset(roles),
        scopes=frozenset(scopes),
        plan=user.plan.slug,
        session_id=session_id,
    )


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
