"""People with passkeys for tests."""

from typing import Any

from accounts.models import Passkey, Session, User
from accounts.services.claims import actor_for
from accounts.services.passkeys import passkey_add, registration_options
from ogc.actors import Actor
from tests.authenticator import Authenticator
from tests.factories.accounts import login_as


def actor_of(user: User) -> Actor:
    """The user in a session of just now."""
    login_as(user)
    return actor_for(user, session=Session.objects.filter(user=user).latest("pk"))


def passkey_on(user: User, device: Authenticator | None = None, **how: Any) -> tuple[Authenticator, Passkey]:
    """A passkey of the user, registered as a browser does, and the authenticator that holds it."""
    device, actor = device or Authenticator(), actor_of(user)
    options = registration_options(actor=actor)
    added = passkey_add(actor=actor, credential=device.register(options, **how), name="Laptop")
    user.refresh_from_db()
    return device, added.passkey
