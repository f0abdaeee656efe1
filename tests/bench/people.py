"""Who uses the platform under load: users with money, tokens and a little history."""

import os
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ogc.ids import uuid7

PASSWORD = "correct-horse-battery"
COUNT = 200
OGC_EACH = 1_000


@dataclass(frozen=True, slots=True)
class Person:
    """`token` is an access token that outlives the run."""

    user_id: str
    email: str
    token: str


def create(count: int = COUNT) -> list[Person]:
    """Seed the platform and add people, verified and funded."""
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("seed")
    password = make_password(PASSWORD)
    everybody = [_person(index, password) for index in range(count)]
    _make_lazy(receivers(everybody)[1])
    return everybody


def receivers(people: Sequence[Person]) -> Sequence[Person]:
    """Two who only receive: one with a plain account, one with a lazy one."""
    return people[:2]


def _make_lazy(person: Person) -> None:
    from wallets.models import LedgerAccount

    LedgerAccount.objects.filter(key=f"user:{person.user_id}:available").update(lazy=True)


def password_check_ms(rounds: int = 9) -> float:
    """CPU of one password check by Argon2id: the median of a few, with every core at it as under load."""
    from django.contrib.auth.hashers import check_password, make_password

    encoded = make_password(PASSWORD)

    def once(_: int) -> float:
        started = time.thread_time()
        check_password(PASSWORD, encoded)
        return (time.thread_time() - started) * 1000

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return statistics.median(pool.map(once, range(rounds * (os.cpu_count() or 1))))


def _person(index: int, password: str) -> Person:
    from accounts.models import Plan, User
    from accounts.services.claims import actor_for
    from accounts.services.registration import user_insert
    from accounts.tokens import access_token_make
    from ogc import clock
    from ogc.amounts import BASE_UNITS_PER_OGC
    from ogc.db.transactions import run_in_transaction
    from wallets.services.treasury import faucet_user

    user = User(
        email=f"bench{index}@example.com",
        name=f"Bench {index}",
        password=password,
        plan=Plan.objects.get(slug="free"),
        email_verified_at=clock.now(),
    )
    run_in_transaction(lambda: user_insert(user))
    faucet_user(user_id=user.public_id, amount=OGC_EACH * BASE_UNITS_PER_OGC)
    actor = actor_for(user)
    token = access_token_make(
        user_id=user.public_id,
        session_id=uuid7(),
        roles=actor.roles,
        scopes=actor.scopes,
        plan=actor.plan,
        claims_version=user.claims_version,
    )
    return Person(user.public_id, user.email, token)
