"""The ledger against a model: whatever happens in whatever order, sums are zero and nothing is below zero."""

from collections import defaultdict

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.services.seed import plans_seed
from ogc.actors import SYSTEM, Actor
from ogc.amounts import SUPPLY_BASE_UNITS
from ogc.errors import DomainError
from tests.factories.wallets import account_balances, make_lazy, rich_user
from wallets.constants import PostingKind, TransactionStatus, TransactionType
from wallets.errors import InsufficientBalance, RecipientSelf, SourceKeyUsed, WalletFrozen
from wallets.models import Entry, LedgerAccount, Posting, UnfoldedEntry
from wallets.rules import balance_is_allowed, user_account_key
from wallets.selectors import transactions_for_user
from wallets.services.escrows import escrow_fund, escrow_refund
from wallets.services.lazy import lazy_accounts_fold
from wallets.services.posting import Leg, PostingDraft, TransactionDraft, post, post_many, transaction_open
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.rewards import challenge_reward_pay
from wallets.services.seed import seed
from wallets.services.transactions import transaction_move
from wallets.services.transfers import transfer_settle
from wallets.services.wallets import wallet_freeze, wallet_unfreeze

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

PEOPLE = 3
START = 50
amounts = st.integers(min_value=1, max_value=80)
people = st.integers(min_value=0, max_value=PEOPLE - 1)
challenges = st.integers(min_value=0, max_value=2)


class Ledger(RuleBasedStateMachine):
    """Each rule does one thing to the ledger and to the model, and expects the same outcome from both."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        plans_seed()
        seed(debug=True)
        self.users = [rich_user(0) for _ in range(PEOPLE)]
        self.balances: dict[str, int] = defaultdict(int)
        self.balances.update(account_balances())
        self.frozen: set[int] = set()
        self.rewarded: dict[tuple[int, int], str] = {}
        self.funded: dict[int, str] = {}
        self.open_holds: dict[str, tuple[int, int, int]] = {}
        self.used_keys: list[str] = []
        self.number = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)

    def key(self, person: int, kind: str = "available") -> str:
        return user_account_key(self.users[person].public_id, kind)

    def challenge(self, number: int) -> str:
        return f"018f0000-0000-7000-8000-00000000000{number}"

    def book(self, *legs: tuple[str, int]) -> bool:
        """Apply legs to the model; False when the ledger has to refuse them."""
        after = {key: self.balances[key] for key, _ in legs}
        for key, amount in legs:
            after[key] += amount
        kinds = {key: LedgerAccount.objects.get(key=key).kind for key in after}
        if not all(balance_is_allowed(kinds[key], balance) for key, balance in after.items()):
            return False
        self.balances.update(after)
        return True

    def attempt(self, legs: list[tuple[str, int]], act) -> bool:
        """Do it in both worlds: a refusal of the model is a 402 of the ledger, and nothing is written."""
        posted = Posting.objects.count()
        if self.book(*legs):
            with transaction.atomic():
                act()
            return True
        with pytest.raises(InsufficientBalance), transaction.atomic():
            act()
        assert Posting.objects.count() == posted
        return False

    def post(self, kind: str, source_key: str, legs: list[tuple[str, int]], pk: int | None = None) -> int:
        amount = sum(units for _, units in legs if units > 0)
        status = TransactionStatus.PENDING if kind == PostingKind.HOLD else TransactionStatus.COMPLETED
        pk = pk or transaction_open(TransactionDraft(TransactionType.WITHDRAWAL, amount, status=status))
        post(transaction_id=pk, kind=kind, source_key=source_key, legs=[Leg(*leg) for leg in legs])
        return pk

    @initialize()
    def fill(self) -> None:
        legs = [("treasury", -START * PEOPLE), *((self.key(person), START) for person in range(PEOPLE))]
        assert self.attempt(legs, lambda: self.post("post", "fill", legs))

    @rule(giver=people, receiver=people, amount=amounts)
    def transfer(self, giver: int, receiver: int, amount: int) -> None:
        actor = Actor(kind="user", user_id=self.users[giver].public_id, scopes=frozenset({"self"}))

        def act() -> None:
            transfer_settle(actor=actor, to=self.users[receiver].public_id, amount=amount)

        refusal = RecipientSelf if giver == receiver else WalletFrozen if giver in self.frozen else None
        if refusal:
            with pytest.raises(refusal), transaction.atomic():
                act()
            return
        self.attempt([(self.key(giver), -amount), (self.key(receiver), amount)], act)

    @rule(target=holds, person=people, amount=amounts)
    def hold(self, person: int, amount: int) -> str | None:
        self.number += 1
        name = f"hold:{self.number}"
        legs = [(self.key(person), -amount), (self.key(person, "reserved"), amount)]
        opened: list[int] = []
        if self.attempt(legs, lambda: opened.append(self.post(PostingKind.HOLD, name, legs))):
            self.open_holds[name] = (opened[0], person, amount)
            self.used_keys.append(name)
        return name

    @rule(name=holds, outcome=st.sampled_from(["settle", "void"]))
    def end_hold(self, name: str, outcome: str) -> None:
        if name not in self.open_holds:
            return
        pk, person, amount = self.open_holds.pop(name)
        to = "onchain_hot" if outcome == "settle" else self.key(person)
        legs = [(self.key(person, "reserved"), -amount), (to, amount)]
        status = TransactionStatus.COMPLETED if outcome == "settle" else TransactionStatus.FAILED

        def act() -> None:
            self.post(outcome, f"{outcome}:{name}", legs, pk)
            transaction_move(transaction_id=pk, to=status)

        if not self.attempt(legs, act):
            self.open_holds[name] = (pk, person, amount)

    @rule(amount=amounts)
    def refill_hot(self, amount: int) -> None:
        self.number += 1
        legs = [("onchain_hot", -amount), ("onchain_cold", amount)]
        self.attempt(legs, lambda: self.post("post", f"custody:{self.number}", legs))

    @rule(person=people, amount=amounts)
    def deposit(self, person: int, amount: int) -> None:
        self.number += 1
        legs = [("onchain_hot", -amount), (self.key(person), amount)]
        self.attempt(legs, lambda: self.post("post", f"deposit:{self.number}", legs))

    @rule(person=people, amount=amounts)
    def lose(self, person: int, amount: int) -> None:
        self.number += 1
        legs = [("losses", -amount), (self.key(person), amount)]
        self.attempt(legs, lambda: self.post("post", f"loss:{self.number}", legs))

    @rule(number=challenges, amount=amounts)
    def fund(self, number: int, amount: int) -> None:
        def act() -> str:
            return escrow_fund(actor=SYSTEM, challenge_id=self.challenge(number), amount=amount)

        if number in self.funded:
            assert act() == self.funded[number]
            return
        escrow = f"escrow:challenge:{self.challenge(number)}"
        self.funded[number] = act()
        assert self.book(("rewards_pool", -amount), (escrow, amount))

    @rule(number=challenges, person=people, amount=amounts)
    def reward(self, number: int, person: int, amount: int) -> None:
        if number not in self.funded:
            return

        def act() -> None:
            self.rewarded[number, person] = challenge_reward_pay(
                actor=SYSTEM,
                challenge_id=self.challenge(number),
                user_id=self.users[person].public_id,
                amount=amount,
                rank=1,
            )

        if (number, person) in self.rewarded:
            before = self.rewarded[number, person]
            act()
            assert self.rewarded[number, person] == before
            return
        self.attempt(
            [(f"escrow:challenge:{self.challenge(number)}", -amount), (self.key(person), amount)], act
        )

    @rule(number=challenges)
    def refund(self, number: int) -> None:
        escrow = f"escrow:challenge:{self.challenge(number)}"
        left = self.balances[escrow]
        done = escrow_refund(actor=SYSTEM, challenge_id=self.challenge(number))
        assert (done is not None) == (left > 0)
        if left:
            assert self.book((escrow, -left), ("rewards_pool", left))

    @rule(shares=st.lists(st.tuples(people, amounts), min_size=1, max_size=6))
    def pay_many(self, shares: list[tuple[int, int]]) -> None:
        self.number += 1
        drafts = [
            TransactionDraft(
                type=TransactionType.MINING,
                amount=amount,
                postings=[
                    PostingDraft(
                        PostingKind.POST,
                        f"mine:{self.number}:{index}",
                        [Leg("mining_pool", -amount), Leg(self.key(person), amount)],
                    )
                ],
            )
            for index, (person, amount) in enumerate(shares)
        ]
        legs = [
            leg for person, amount in shares for leg in (("mining_pool", -amount), (self.key(person), amount))
        ]
        assert self.attempt(legs, lambda: post_many(drafts))
        posted = Posting.objects.count()
        post_many(drafts)
        assert Posting.objects.count() == posted

    @rule(data=st.data())
    def replay_a_source_key(self, data: st.DataObject) -> None:
        if not self.used_keys:
            return
        key = data.draw(st.sampled_from(self.used_keys))
        with pytest.raises(SourceKeyUsed), transaction.atomic():
            self.post("post", key, [("treasury", -1), ("fees", 1)])

    @rule(person=people)
    def become_lazy(self, person: int) -> None:
        """From now on credits wait beside the balance; nobody can tell."""
        make_lazy(self.users[person])

    @rule()
    def fold(self) -> None:
        waiting = UnfoldedEntry.objects.count()
        assert lazy_accounts_fold() == waiting

    @rule(person=people)
    def freeze_or_unfreeze(self, person: int) -> None:
        wallet_id = self.users[person].wallet.public_id
        if person in self.frozen:
            wallet_unfreeze(actor=SYSTEM, wallet_id=wallet_id, reason="over")
            self.frozen.remove(person)
        else:
            wallet_freeze(actor=SYSTEM, wallet_id=wallet_id, reason="test")
            self.frozen.add(person)

    @rule(person=people, amount=amounts)
    def fail_after_posting(self, person: int, amount: int) -> None:
        """A service that dies after it has posted leaves nothing behind."""
        legs = [("treasury", -amount), (self.key(person), amount)]

        def die() -> None:
            self.post("post", "doomed", legs)
            raise DomainError

        with pytest.raises(DomainError), transaction.atomic():
            die()

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        stored = account_balances()
        assert stored == {key: self.balances[key] for key in stored}
        contra = {"onchain_hot", "onchain_cold", "onchain_vault"}
        assert sum(stored.values()) == 0
        assert -sum(stored[key] for key in contra) == sum(v for k, v in stored.items() if k not in contra)
        assert stored["treasury"] <= SUPPLY_BASE_UNITS
        assert sum(Entry.objects.values_list("amount", flat=True)) == 0

    @invariant()
    def running_balances_are_never_negative(self) -> None:
        for user in self.users:
            views = transactions_for_user(user.public_id, limit=100)
            assert all(entry.balance_after >= 0 for view in views for entry in view.entries)

    @invariant()
    def everything_reconciles(self) -> None:
        assert all(result.status != CheckStatus.WRONG for result in reconcile())


def test_the_ledger_behaves_as_its_model() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
