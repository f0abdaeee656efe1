"""What the model knows: balances, transactions, holds, rewards, limits; and how both worlds are compared."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from accounts.models import User
from accounts.services.claims import actor_for
from ogc import clock
from ogc.actors import Actor
from tests.factories.governance import staff
from tests.factories.wallets import account_balances, rich_user
from wallets.constants import CONTRA_KINDS
from wallets.errors import InsufficientBalance
from wallets.models import Entry, Hold, LedgerAccount, Posting, Reward, StaffMove, Transaction, Wallet
from wallets.rules import balance_is_allowed, user_account_key
from wallets.selectors import transactions_for_user
from wallets.services.closing import wallet_close
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.replay import replay

PEOPLE, STAFF, START = 3, 2, 60
RECONCILED_EVERY = 6
THRESHOLD = 70
LIMITS = {"user_hour": 120, "user_day": 260, "user_hour_count": 6, "user_day_count": 10}

amounts = st.integers(min_value=1, max_value=80)
people = st.integers(min_value=0, max_value=PEOPLE - 1)
others = st.sampled_from([1, 2, 1, 2, 1, 2, 0])
"""How far in the row of people somebody else stands; 0 is oneself."""
numbers = st.integers(min_value=0, max_value=2)
staff_members = st.integers(min_value=0, max_value=STAFF - 1)
any_of = st.integers(min_value=0, max_value=999)

Legs = Iterable[tuple[str, int]]


@dataclass
class Move:
    """A transaction: what it moved in all by account, and whose wallets are on both sides."""

    type: str
    status: str
    amount: int
    net: Counter[str]
    giver: int | None = None
    receiver: int | None = None
    payment: str = ""


@dataclass
class Held:
    """A hold; `settled` is None while it is open."""

    person: int
    amount: int
    purpose: str
    expires_at: datetime | None
    status: str = "open"
    settled: int = 0


@dataclass
class Earned:
    """A reward."""

    person: int
    amount: int
    releases_at: datetime
    status: str = "pending"


@dataclass
class Wish:
    """What waits for a second person."""

    kind: str
    requester: int
    subject: Any
    amount: int
    expires_at: datetime
    status: str = "pending"


class World:
    """People, staff and somebody who left; made once, in the transaction of the test."""

    def __init__(self) -> None:
        self.users: list[User] = [rich_user(0) for _ in range(PEOPLE)]
        self.staff: list[Actor] = [actor_for(staff("super_admin")) for _ in range(STAFF)]
        self.left: User = rich_user(0)
        wallet_close(self.left.pk)
        self.wallets = {wallet.user_id: wallet for wallet in Wallet.objects.all()}

    def wallet_of(self, user_id: str | None) -> Wallet:
        return Wallet.objects.get(user__public_id=user_id)


@dataclass
class Books:
    """The model's own books."""

    balances: Counter[str]
    kinds: dict[str, str]
    moves: dict[str, Move] = field(default_factory=dict)
    holds: dict[str, Held] = field(default_factory=dict)
    rewards: dict[str, Earned] = field(default_factory=dict)
    wishes: dict[str, Wish] = field(default_factory=dict)
    staff_moves: list[tuple[int, datetime, int]] = field(default_factory=list)
    given: list[tuple[int, datetime, int]] = field(default_factory=list)
    frozen: set[int] = field(default_factory=set)
    flagged: set[int] = field(default_factory=set)
    repeats: list[tuple[Callable[[], Any], Any]] = field(default_factory=list)
    number: int = 0

    def would_stand(self, legs: Legs) -> bool:
        """Whether every account stays on its side of zero."""
        after = self.balances.copy()
        keys = set()
        for key, amount in legs:
            after[key] += amount
            keys.add(key)
        return all(balance_is_allowed(self.kinds[key], after[key]) for key in keys)

    def apply(self, legs: Legs) -> None:
        """Move the tokens."""
        for key, amount in legs:
            self.balances[key] += amount


class LedgerModel(RuleBasedStateMachine):
    """Both worlds; the rules are in the classes that derive from it."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        kinds = dict(LedgerAccount.objects.values_list("key", "kind"))
        self.books = Books(balances=Counter(account_balances()), kinds=kinds)
        self.seeded = set(Transaction.objects.values_list("public_id", flat=True))
        self.steps = 0

    def teardown(self) -> None:
        try:
            self.all_reconciles()
            assert replay().differing == 0
        finally:
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)
            clock.apply_offset(timedelta(0))

    def key(self, person: int, kind: str = "available") -> str:
        return user_account_key(self.user_id(person), kind)

    def user_id(self, person: int) -> str:
        return self.world.users[person].public_id

    def wallet(self, person: int) -> Wallet:
        return self.world.wallets[self.world.users[person].pk]

    def person(self, number: int) -> Actor:
        return Actor(kind="user", user_id=self.user_id(number), scopes=frozenset({"self"}))

    def challenge(self, number: int) -> str:
        return f"018f0000-0000-7000-8000-00000000000{number}"

    def escrow(self, number: int) -> str:
        return f"escrow:challenge:{self.challenge(number)}"

    def wait(self, span: timedelta) -> None:
        clock.apply_offset(clock.offset() + span)

    def next_number(self) -> int:
        self.books.number += 1
        return self.books.number

    def refused(self, refusal: type[Exception], act: Callable[[], Any]) -> Any:
        """The ledger says no, with this, and nothing is written."""
        before = written()
        with pytest.raises(refusal) as raised, transaction.atomic():
            act()
        assert written() == before
        return raised.value

    def attempt(self, legs: Legs, act: Callable[[], Any]) -> Any:
        """Do it in both worlds; None when the accounts do not bear it, which is a 402 in the ledger."""
        legs = list(legs)
        if not self.books.would_stand(legs):
            self.refused(InsufficientBalance, act)
            return None
        with transaction.atomic():
            result = act()
        self.books.apply(legs)
        assert result
        return result

    def move(self, type_: str, legs: Legs, act: Callable[[], str], **facts: Any) -> str | None:
        """As `attempt` for what makes one transaction, whose public id `act` returns."""
        legs = list(legs)
        made: str | None = self.attempt(legs, act)
        if made is not None:
            self.register(made, type_, legs, **facts)
        return made

    def register(
        self, made: str, type_: str, legs: Legs, *, status: str = "completed", amount: int = 0, **facts: Any
    ) -> None:
        """A transaction is new, with the legs that it has so far."""
        assert made not in self.books.moves
        amount = amount or sum(units for _, units in legs if units > 0)
        self.books.moves[made] = Move(type_, status, amount, Counter(), **facts)
        self.add(made, legs)

    def add(self, transaction_id: str, legs: Legs) -> None:
        """Count legs to a transaction."""
        for key, amount in legs:
            self.books.moves[transaction_id].net[key] += amount

    def refunded(self, payment: str) -> int:
        """What was given back of a payment, and not taken again."""
        moves = self.books.moves.values()
        return sum(one.amount for one in moves if one.payment == payment and one.status == "completed")

    def once(self, act: Callable[[], Any], result: Any) -> None:
        """Remember a call that may be repeated, and does nothing then."""
        self.books.repeats.append((act, result))

    def all_reconciles(self) -> None:
        wrong = [result for result in reconcile() if result.status == CheckStatus.WRONG]
        assert not wrong, wrong

    @invariant()
    def balances_are_the_models(self) -> None:
        stored = account_balances()
        assert stored == {key: self.books.balances[key] for key in stored}
        assert sum(stored.values()) == 0
        contra = sum(stored[kind.value] for kind in CONTRA_KINDS)
        assert -contra == sum(stored.values()) - contra
        assert all(balance_is_allowed(self.books.kinds[key], units) for key, units in stored.items())

    @invariant()
    def rows_are_the_models(self) -> None:
        books = self.books
        moves = Transaction.objects.exclude(public_id__in=self.seeded)
        stored = {row[0]: row[1:] for row in moves.values_list("public_id", "type", "status", "amount")}
        assert stored == {key: (move.type, move.status, move.amount) for key, move in books.moves.items()}
        holds = Hold.objects.values_list("public_id", "status", "amount", "settled", "voided")
        assert {row[0]: row[1:] for row in holds} == {
            key: (
                one.status,
                one.amount,
                one.settled,
                0 if one.status == "open" else one.amount - one.settled,
            )
            for key, one in books.holds.items()
        }
        rewards = Reward.objects.values_list("public_id", "status", "amount", "releases_at")
        assert {row[0]: row[1:] for row in rewards} == {
            key: (one.status, one.amount, one.releases_at) for key, one in books.rewards.items()
        }
        assert StaffMove.objects.count() == len(books.staff_moves)

    @invariant()
    def what_is_kept_is_the_sum_of_its_rows(self) -> None:
        for person in range(PEOPLE):
            held = [
                one.amount
                for one in self.books.holds.values()
                if one.person == person and one.status == "open"
            ]
            waits = [
                one.amount
                for one in self.books.rewards.values()
                if one.person == person and one.status == "pending"
            ]
            assert self.books.balances[self.key(person, "reserved")] == sum(held)
            assert self.books.balances[self.key(person, "pending")] == sum(waits)

    @invariant()
    def everything_reconciles(self) -> None:
        """Each few steps, and at the end of each example."""
        self.steps += 1
        if self.steps % RECONCILED_EVERY:
            return
        self.all_reconciles()
        assert sum(Entry.objects.values_list("amount", flat=True)) == 0
        for user in self.world.users:
            views = transactions_for_user(user.public_id, limit=100)
            assert all(entry.balance_after >= 0 for view in views for entry in view.entries)


def written() -> tuple[int, ...]:
    """How many rows of everything that a refusal must not write."""
    tables: tuple[Any, ...] = (Transaction, Posting, Entry, Hold, Reward, StaffMove)
    return tuple(table.objects.count() for table in tables)


def chosen(found: Iterable[Any], which: int, likely: Callable[[Any], bool] = lambda one: True) -> Any:
    """One of these, named by any number, 0 the latest.

    Mostly one of those for which `likely` holds, so that what is refused is not most of what is played.
    """
    listed = list(found)
    if which % 5:
        listed = [one for one in listed if likely(one)] or listed
    return listed[-1 - which % len(listed)]
