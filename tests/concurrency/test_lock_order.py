"""Everything that locks money, all at once on the same few wallets: all wait, and nobody in a circle."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import run_in_transaction
from ogc.errors import DomainError
from ogc.ids import uuid7
from tests.concurrency.test_money import at_once
from tests.factories.governance import staff
from tests.factories.wallets import make_lazy, ogc, rich_user
from wallets.models import ChainTransaction, Transaction, Wallet
from wallets.services.addresses import address_unlink
from wallets.services.adjustments import adjustment_request
from wallets.services.checkouts import token_checkout_hold, token_checkout_settle, token_checkout_void
from wallets.services.closing import wallet_obligations
from wallets.services.escrows import escrow_fund
from wallets.services.grants import grant_request
from wallets.services.lazy import lazy_accounts_fold
from wallets.services.mining import mining_pay
from wallets.services.platform_moves import loss_book
from wallets.services.reversals import reversal_request
from wallets.services.rewards import challenge_reward_pay, challenge_rewards_lock
from wallets.services.risk_holds import wallet_risk_hold, wallet_risk_release
from wallets.services.transfers import transfer_preview, transfer_request, transfer_settle
from wallets.services.treasury import pool_fund
from wallets.services.wallets import wallet_freeze, wallet_unfreeze
from wallets.services.withdrawals import withdrawal_cancel, withdrawal_settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.concurrency]

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
CHALLENGES = [f"challenge-{number}" for number in range(60)]
TURNS = 12
EACH = 2


@pytest.fixture(autouse=True)
def _no_limits(settings: Any, whole_ledger: None) -> None:
    settings.ADJUST_APPROVAL_THRESHOLD = settings.WITHDRAWAL_LIMIT_USER_DAY = ogc(10**6)


@dataclass
class Scene:
    """Four people, of whom so many are lazy, and the moves that they and others make, picked by a die."""

    lazy: int
    dice: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.people = [rich_user(100) for _ in range(4)]
        make_lazy(*self.people[: self.lazy])
        self.wallets = list(Wallet.objects.filter(user__in=self.people).values_list("public_id", flat=True))
        boss, scopes = staff("super_admin"), frozenset({"wallet.adjust", "reward.write"})
        self.boss = Actor(kind="user", user_id=boss.public_id, scopes=scopes)
        for pool in ("rewards_pool", "mining_pool"):
            pool_fund(actor=SYSTEM, pool=pool, amount=ogc(1000))
        for challenge in CHALLENGES:
            escrow_fund(actor=SYSTEM, challenge_id=challenge, amount=ogc(1))

    def two(self) -> tuple[User, User]:
        one, other = self.dice.sample(self.people, 2)
        return one, other

    def somebody(self) -> str:
        return self.dice.choice(self.people).public_id

    def staff_on_a_wallet(self, *actions: Callable[..., Any]) -> None:
        self.dice.choice(actions)(actor=self.boss, wallet_id=self.dice.choice(self.wallets), reason="r")

    def transfer(self) -> None:
        giver, receiver = self.two()
        to = self.dice.choice((receiver.public_id, receiver.email))
        self.dice.choice((transfer_settle, transfer_preview))(actor=actor(giver), to=to, amount=1000)

    def freeze(self) -> None:
        self.staff_on_a_wallet(wallet_freeze, wallet_unfreeze, wallet_unfreeze)

    def risk_hold(self) -> None:
        self.staff_on_a_wallet(wallet_risk_hold, wallet_risk_release)

    def adjust(self) -> None:
        self.staff_on_a_wallet(lambda **call: adjustment_request(amount=self.dice.choice((9, -9)), **call))

    def grant(self) -> None:
        grant_request(actor=self.boss, user_id=self.somebody(), amount=1000, reason="r")

    def reverse(self) -> None:
        done = Transaction.objects.filter(type__in=("transfer", "reward"), status="completed").order_by("-pk")
        for transaction_id in done.values_list("public_id", flat=True)[:1]:
            reversal_request(actor=self.boss, transaction_id=transaction_id, reason="r")

    def check_out(self) -> None:
        held = token_checkout_hold(
            actor=SYSTEM, user_id=self.somebody(), amount=3000, source_key=uuid7(), reference="plan:pro"
        )
        if self.dice.random() < 0.7:
            token_checkout_settle(actor=SYSTEM, transaction_id=held, amount=1000)
        else:
            token_checkout_void(actor=SYSTEM, transaction_id=held)

    def withdraw(self) -> None:
        owner = actor(self.dice.choice(self.people))
        withdrawal_id = transfer_request(actor=owner, to=ADDRESS, amount=1000).id
        if self.dice.random() < 0.5:
            withdrawal_cancel(actor=owner, withdrawal_id=withdrawal_id)
        else:
            withdrawal_settle(ChainTransaction.objects.get(public_id=withdrawal_id).pk)

    def close(self) -> None:
        wallet_obligations(self.dice.choice(self.people).pk)

    def unlink(self) -> None:
        address_unlink(actor=actor(self.dice.choice(self.people)))

    def distribute(self) -> None:
        winners = [user.public_id for user in self.dice.sample(self.people, 4)]
        run_in_transaction(lambda: self.pay_prizes(self.dice.choice(CHALLENGES), winners))

    def pay_prizes(self, challenge_id: str, winners: Sequence[str]) -> None:
        challenge_rewards_lock(challenge_id=challenge_id, user_ids=winners)
        for rank, user_id in enumerate(winners, 1):
            challenge_reward_pay(
                actor=SYSTEM, challenge_id=challenge_id, user_id=user_id, amount=1000, rank=rank
            )

    def mine(self) -> None:
        day = date(2026, 1, 1) + timedelta(days=self.dice.randrange(10_000))
        mining_pay(
            actor=SYSTEM, day=day, shares={user.public_id: 9 for user in self.dice.sample(self.people, 4)}
        )

    def lose(self) -> None:
        to = self.dice.choice(("treasury", f"user:{self.somebody()}:available"))
        loss_book(actor=SYSTEM, to_account=to, amount=9, source_key=uuid7(), reason="r")

    def fold(self) -> None:
        lazy_accounts_fold()


def actor(user: User) -> Actor:
    return Actor(kind="user", user_id=user.public_id, scopes=frozenset({"self"}))


def play(moves: Sequence[Callable[[], None]], turns: int) -> Counter[str]:
    """Each move that many times in `EACH` threads, all at once; what came of them."""

    def run(number: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        for _ in range(turns):
            try:
                moves[number % len(moves)]()
                seen["done"] += 1
            except DomainError as refused:
                seen[refused.code] += 1
        return seen

    return sum(at_once(run, EACH * len(moves)), Counter())


@pytest.mark.parametrize("lazy", [0, 2])
def test_nobody_waits_in_a_circle(lazy: int, given_up: list[str]) -> None:
    scene = Scene(lazy)
    moves = [scene.transfer, scene.freeze, scene.risk_hold, scene.adjust, scene.grant, scene.reverse]
    moves += [scene.check_out, scene.withdraw, scene.close, scene.unlink, scene.distribute, scene.mine]
    moves += [scene.lose, scene.fold]
    seen = play(moves, TURNS)
    assert given_up == []
    refusals = {"WALLET_FROZEN", "ALREADY_REVERSED", "TRANSACTION_NOT_REVERSIBLE", "INSUFFICIENT_BALANCE"}
    assert set(seen) <= {"done", *refusals}
    assert seen["done"] > TURNS * EACH * len(moves) / 2


@pytest.mark.parametrize("lazy", [0, 2])
def test_transfers_beside_freezes_of_the_same_wallets_are_never_given_up(
    lazy: int, given_up: list[str]
) -> None:
    scene = Scene(lazy)
    seen = play([scene.transfer, scene.freeze] * 4, 40)
    assert given_up == []
    assert set(seen) == {"done", "WALLET_FROZEN"}
