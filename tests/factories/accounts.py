"""People and their logins for tests."""

from functools import lru_cache
from typing import Any

import factory
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts import ports
from accounts.constants import TokenTransport, UserStatus
from accounts.locks import user_lock
from accounts.models import Plan, Session, User
from accounts.services import actor_for, step_up
from accounts.services.sessions import Granted, access_grant, session_open
from ogc import clock
from ogc.actors import Actor
from ogc.admin import ADMIN_SESSION_KEY
from ogc.db.transactions import run_in_transaction

PASSWORD = "correct horse battery"


@lru_cache(maxsize=1)
def password_hash() -> str:
    """The hash of PASSWORD, made once."""
    return make_password(PASSWORD)


class UserFactory(factory.django.DjangoModelFactory):
    """A verified user on the free plan with a wallet and the password PASSWORD.

    `plan="pro"` picks a plan by slug, `unverified=True` and `suspended=True` another state; `wallet=False`
    leaves the wallet out.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        unverified = factory.Trait(email_verified_at=None)
        suspended = factory.Trait(status=UserStatus.SUSPENDED)

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    email_verified_at = factory.LazyFunction(clock.now)
    password = factory.LazyFunction(password_hash)
    plan = "free"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        if isinstance(kwargs["plan"], str):
            kwargs["plan"] = Plan.objects.get(slug=kwargs["plan"])
        return super()._create(model_class, *args, **kwargs)

    @factory.post_generation
    def wallet(self: User, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        """Open the wallet that registration opens."""
        if create and extracted is not False:
            ports.open_wallet(self.pk, self.public_id)


def login_as(user: User, transport: TokenTransport = TokenTransport.BODY) -> Granted:
    """Real tokens of a new session, without the password check."""

    def grant() -> Granted:
        locked = user_lock(user.pk)
        session, refresh = session_open(locked, transport)
        return access_grant(locked, session, refresh)

    return run_in_transaction(grant)


def admin_client(user: User, *, with_factor: bool = False) -> Client:
    """A browser in which this member of staff is logged in to the admin site."""

    def open_session() -> str:
        session, _ = session_open(user_lock(user.pk), TokenTransport.ADMIN, with_factor=with_factor)
        return session.public_id

    client = Client()
    cookie = client.session
    cookie[ADMIN_SESSION_KEY] = run_in_transaction(open_session)
    cookie.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie.session_key
    return client


def bearer(granted: Granted) -> dict[str, str]:
    """The header of a request with these tokens, as Django's test client takes it."""
    return {"HTTP_AUTHORIZATION": f"Bearer {granted.access}"}


def stepped_up(user: User) -> Actor:
    """This user in a new session with a step-up of just now, given with the password."""
    session = Session.objects.get(public_id=login_as(user).session_id)
    actor = actor_for(user, session=session)
    step_up(actor=actor, password=PASSWORD)
    return actor
