"""Fifty connections that transfer 200 times each at random, while others fold: nothing is lost or made."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from threading import Event
from typing import Any

import pytest

from accounts.services.seed import plans_seed
from ogc.actors import Actor
from ogc.models import DomainEvent
from tests.concurrency.test_money import CONNECTIONS, at_once
from tests.factories.wallets import account_balances, balance_of, make_lazy, ogc, rich_user
from wallets.errors import InsufficientBalance
from wallets.models import Entry, Posting, Transaction, UnfoldedEntry
from wallets.selectors import transactions_for_user
from wallets.services.lazy import lazy_accounts_fold
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.replay import replay
from wallets.services.seed import seed
from wallets.services.transfers import transfer_settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.concurrency]

TURNS = 200
PEOPLE = 16
START = ogc(150)
LAZY = (0, 1)
"""One is lazy from the start, the other becomes so half-way."""


@pytest.fixture(autouse=True)
def _money(transactional_db: None) -> None:
    plans_seed()
    seed(debug=True)


def assert_whole() -> None:
    wrong = [result for result in reconcile() if result.status == CheckStatus.WRONG]
    assert not wrong, wrong
    assert sum(account_balances().values()) == 0
    assert replay().differing == 0


def pairs(number: int) -> Iterator[tuple[int, int, int]]:
    """Who gives whom how much; a third of it goes to the first of them, who is lazy."""
    dice = random.Random(number)
    for _ in range(TURNS):
        giver, receiver = dice.sample(range(PEOPLE), 2)
        if giver and dice.random() < 0.3:
            receiver = 0
        yield giver, receiver, dice.randint(1, ogc(2))


def test_fifty_connections_transfer_at_random_while_others_fold() -> None:
    people = [rich_user(150) for _ in range(PEOPLE)]
    make_lazy(people[0])
    before = Transaction.objects.count(), Posting.objects.count(), Entry.objects.count()
    done = Event()

    def transfers(number: int) -> Counter[Any]:
        """What each person got in all, how many transfers were made and how many refused."""
        seen: Counter[Any] = Counter()
        for turn, (giver, receiver, amount) in enumerate(pairs(number)):
            if (number, turn) == (0, TURNS // 2):
                make_lazy(people[1])
            actor = Actor(kind="user", user_id=people[giver].public_id, scopes=frozenset({"self"}))
            try:
                transfer_settle(actor=actor, to=people[receiver].public_id, amount=amount)
            except InsufficientBalance:
                seen["refused"] += 1
                continue
            seen.update({"made": 1, giver: -amount, receiver: amount})
        return seen

    def work(number: int) -> Counter[Any]:
        if number < CONNECTIONS:
            try:
                return transfers(number)
            finally:
                finished.append(number)
                if len(finished) == CONNECTIONS:
                    done.set()
        return Counter(folded=fold_until(done))

    finished: list[int] = []
    seen = sum_all(at_once(work, CONNECTIONS + 1))
    made = seen["made"]

    assert made + seen["refused"] == CONNECTIONS * TURNS
    assert made > CONNECTIONS * TURNS * 0.8
    assert seen["folded"] > 0
    assert [balance_of(user) for user in people] == [START + seen[number] for number in range(PEOPLE)]
    assert min(balance_of(user) for user in people) >= 0
    after = Transaction.objects.count(), Posting.objects.count(), Entry.objects.count()
    assert tuple(map(int.__sub__, after, before)) == (made, made, 2 * made)
    assert DomainEvent.objects.filter(name="wallets.transfer_settled").count() == made
    assert_whole()
    running_balances_hold(people)
    lazy_accounts_fold()
    assert not UnfoldedEntry.objects.exists()
    assert_whole()


def sum_all(counters: list[Counter[Any]]) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for one in counters:
        total.update(one)
    return total


def fold_until(done: Event) -> int:
    folded = 0
    while not done.wait(0.005):
        folded += lazy_accounts_fold()
    return folded


def running_balances_hold(people: list[Any]) -> None:
    """Of the latest transactions of everybody: never below zero, and from one to the next the amount apart.

    Those of lazy accounts follow their entries, which need not be numbered as the transactions are.
    """
    for number, user in enumerate(people):
        views = transactions_for_user(user.public_id, limit=100)
        entries = [view.entries[0] for view in views]
        assert min(entry.balance_after for entry in entries) >= 0
        for later, earlier in pairwise(entries) if number not in LAZY else ():
            assert later.balance_after - later.amount == earlier.balance_after
