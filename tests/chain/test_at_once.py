"""Many real connections at once on the rows of withdrawals."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from ogc.actors import Actor
from ogc.errors import DomainError
from tests.chain.world import balance_of, fresh_address, queue, user_with
from wallets.chain.indexer import step
from wallets.chain.lane import lane_run
from wallets.models import ChainTransaction, PayoutDay, Posting
from wallets.services.reconciliation import reconcile
from wallets.services.withdrawals import withdrawal_cancel, withdrawal_request

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.chain,
    pytest.mark.concurrency,
    pytest.mark.mariadb,
]

OGC = 10**9


def at_once(works):
    """Run each in a thread with a connection of its own, started together; DomainErrors are answers."""
    barrier = Barrier(len(works))

    def run(work):
        connection.ensure_connection()
        barrier.wait(30)
        try:
            return work()
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def actor_of(user):
    return Actor(kind="user", user_id=user.public_id, scopes=frozenset({"self"}))


def test_withdrawals_at_once_never_pass_balance_or_limit(chain, settings):
    settings.WITHDRAWAL_LIMIT_PLATFORM_DAY = 12 * OGC
    users = [user_with(10), user_with(10)]

    def ask(user):
        return withdrawal_request(actor=actor_of(user), to=fresh_address(), amount=3 * OGC)

    answers = at_once([lambda user=users[n % 2]: ask(user) for n in range(24)])
    assert answers.count("LIMIT_EXCEEDED") + answers.count("INSUFFICIENT_BALANCE") == 20
    assert PayoutDay.objects.get().total == 12 * OGC
    held = [balance_of(f"user:{user.public_id}:reserved") for user in users]
    assert sum(held) == 12 * OGC
    assert ChainTransaction.objects.count() == 4


def test_a_cancel_and_a_lane_at_once_end_in_one_of_both(chain):
    user = user_with(100)
    queue(user, 16)
    ids = list(ChainTransaction.objects.values_list("public_id", flat=True))
    signer_id = chain.signer.pk
    cancels = [
        lambda one=one: withdrawal_cancel(actor=actor_of(user), withdrawal_id=one).status for one in ids
    ]
    at_once([*cancels, *[lambda: lane_run(signer_id, client=chain.client)] * 4])
    chain.settle()
    ends = list(ChainTransaction.objects.values_list("status", "nonce"))
    assert {status for status, _ in ends} <= {"confirmed", "cancelled"}
    nonces = sorted(nonce for status, nonce in ends if status == "confirmed")
    assert nonces == list(range(len(nonces)))
    cancelled = sum(status == "cancelled" for status, _ in ends)
    assert balance_of(f"user:{user.public_id}:available") == (100 - 16 + cancelled) * OGC
    assert {check.status.value for check in reconcile()} == {"ok"}


def test_many_indexers_at_once_settle_once(chain):
    queue(user_with(100), 5)
    chain.lane()
    chain.mine(4)
    at_once([lambda: step(chain.client)] * 6)
    chain.settle()
    assert Posting.objects.filter(kind="settle").count() == 5
    assert {check.status.value for check in reconcile()} == {"ok"}
