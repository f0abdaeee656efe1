"""Owners of the platform that an operator makes at the machine."""

from django.conf import settings

from accounts.services import email_verify_untold, user_register
from governance.access_matrix import SUPER_ADMIN
from governance.services.roles import role_assign
from ogc.actors import Actor
from ogc.db.transactions import transactional


@transactional
def owner_create(*, actor: Actor, email: str, password: str, name: str, reason: str) -> str:
    """A verified account with wallet and the role super_admin; returns its public id.

    Raises:
        EmailInUse, WeakPassword: as `user_register`.

    Effects: those of registering, verifying and giving the role, in one transaction.
    """
    user = user_register(
        actor=actor, email=email, password=password, name=name, terms_version=settings.TERMS_VERSION
    )
    user_id: str = user.public_id
    email_verify_untold(actor=actor, user_id=user_id)
    role_assign(actor=actor, user_id=user_id, role=SUPER_ADMIN, reason=reason)
    return user_id
