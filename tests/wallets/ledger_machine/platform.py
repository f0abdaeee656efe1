"""Rules of what the platform does: escrows, rewards and their release, mining, deposits, revenue, losses."""

from datetime import date, timedelta
from typing import Any

from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ogc import clock
from ogc.actors import SYSTEM
from ogc.errors import DomainError
from tests.factories.wallets import make_lazy
from tests.wallets.ledger_machine.model import (
    Earned,
    LedgerModel,
    amounts,
    any_of,
    chosen,
    numbers,
    people,
    written,
)
from tests.wallets.ledger_machine.people import pk_of
from wallets.chain.contracts import TransferLog
from wallets.constants import RewardSource
from wallets.errors import SourceKeyUsed
from wallets.models import Posting, Transaction, UnfoldedEntry
from wallets.selectors.rewards import rewards_due
from wallets.services.custody import custody_in_book, deposit_book
from wallets.services.escrows import escrow_fund, escrow_refund
from wallets.services.lazy import lazy_accounts_fold
from wallets.services.mining import mining_pay
from wallets.services.platform_moves import deposit_claim, loss_book, revenue_sweep
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.rewards import challenge_reward_pay, reward_give, reward_release
from wallets.services.treasury import faucet_user

WEI = 10**9
TOO_MUCH = 10**16
MINED_FOR = timedelta(days=1)
days = st.dates(date(2026, 5, 1), date(2026, 5, 4))
reward_seconds = st.sampled_from([0, 0, 3600])


class PlatformRules(LedgerModel):
    """What nobody asks for, and what chain and challenges bring about."""

    def earn(self, made: str, person: int, amount: int, seconds: float) -> None:
        """A reward is pending now; it goes on at once when nothing keeps it."""
        self.books.rewards[made] = Earned(person, amount, clock.now() + timedelta(seconds=seconds))
        if not seconds and person not in self.books.flagged:
            self.release_in_model(made)

    def release_in_model(self, name: str) -> None:
        reward = self.books.rewards[name]
        reward.status = "released"
        legs = [
            (self.key(reward.person, "pending"), -reward.amount),
            (self.key(reward.person), reward.amount),
        ]
        self.books.apply(legs)
        self.add(name, legs)
        self.books.moves[name].status = "completed"

    def due(self, name: str) -> bool:
        reward = self.books.rewards[name]
        is_free = reward.person not in self.books.flagged
        return reward.status == "pending" and is_free and reward.releases_at <= clock.now()

    @rule(number=numbers, amount=amounts)
    def fund(self, number: int, amount: int) -> None:
        def act() -> str:
            return escrow_fund(actor=SYSTEM, challenge_id=self.challenge(number), amount=amount)

        escrow = self.escrow(number)
        if escrow in self.books.kinds:
            before = written()
            act()
            assert written() == before
            return
        self.books.kinds[escrow] = "escrow"
        made = self.move("escrow_fund", [("rewards_pool", -amount), (escrow, amount)], act)
        self.once(act, made)

    @rule(number=numbers, person=people, amount=amounts, seconds=reward_seconds)
    def pay_prize(self, number: int, person: int, amount: int, seconds: int) -> None:
        source = f"reward:{self.challenge(number)}:{self.user_id(person)}"
        if self.escrow(number) not in self.books.kinds or Posting.objects.filter(source_key=source).exists():
            return

        def act() -> str:
            with override_settings(REWARD_HOLD_SECONDS=seconds):
                return challenge_reward_pay(
                    actor=SYSTEM,
                    challenge_id=self.challenge(number),
                    user_id=self.user_id(person),
                    amount=amount,
                    rank=1,
                )

        self.reward(self.escrow(number), person, amount, seconds, act)

    @rule(
        person=people, amount=amounts, seconds=reward_seconds, too_much=st.sampled_from([0, 0, 0, TOO_MUCH])
    )
    def give_reward(self, person: int, amount: int, seconds: int, too_much: int) -> None:
        number, amount = self.next_number(), amount + too_much

        def act() -> str:
            with override_settings(REWARD_HOLD_SECONDS=seconds):
                return reward_give(
                    actor=SYSTEM,
                    user_id=self.user_id(person),
                    amount=amount,
                    source=RewardSource.GRANT,
                    source_key=f"grant:{number}",
                    reference="grant",
                    from_account="rewards_pool",
                )

        self.reward("rewards_pool", person, amount, seconds, act)

    def reward(self, payer: str, person: int, amount: int, seconds: int, act: Any) -> None:
        legs = [(payer, -amount), (self.key(person, "pending"), amount)]
        if made := self.move("reward", legs, act, status="pending", receiver=person):
            self.earn(made, person, amount, seconds)
            self.once(act, made)

    @rule(day=days, shares=st.dictionaries(people, amounts, min_size=1))
    def mine(self, day: date, shares: dict[int, int]) -> None:
        """Whoever was paid for the day is not paid again."""
        keys = {person: f"mining:{day}:{self.user_id(person)}" for person in shares}
        booked = set(
            Posting.objects.filter(source_key__in=keys.values()).values_list("source_key", flat=True)
        )
        fresh = {person: amount for person, amount in shares.items() if keys[person] not in booked}
        given = {self.user_id(person): amount for person, amount in shares.items()}

        def act() -> Any:
            return mining_pay(actor=SYSTEM, day=day, shares=given)

        legs = [
            leg
            for person, amount in fresh.items()
            for leg in (("mining_pool", -amount), (self.key(person, "pending"), amount))
        ]
        paid = self.attempt(legs, act)
        for person, amount in fresh.items():
            made = paid[self.user_id(person)]
            mined = [("mining_pool", -amount), (self.key(person, "pending"), amount)]
            self.register(made, "mining", mined, status="pending", receiver=person)
            self.earn(made, person, amount, MINED_FOR.total_seconds())
        self.once(act, paid)

    @precondition(lambda self: self.books.rewards)
    @rule(which=any_of)
    def release(self, which: int) -> None:
        """One reward, at any time: it goes when it is due, and once."""
        name = chosen(self.books.rewards, which)
        is_due = self.due(name)
        assert reward_release(transaction_pk=pk_of(name)) == is_due
        if is_due:
            self.release_in_model(name)

    @rule(waits=st.booleans())
    def release_all(self, waits: bool) -> None:
        """The sweep finds what the model finds."""
        self.wait(MINED_FOR if waits else timedelta(0))
        due = {pk_of(name): name for name in self.books.rewards if self.due(name)}
        assert set(rewards_due(100)) == set(due)
        for pk, name in due.items():
            assert reward_release(transaction_pk=pk)
            self.release_in_model(name)

    @precondition(lambda self: any(key.startswith("escrow") for key in self.books.kinds))
    @rule(number=numbers, amount=st.one_of(st.none(), amounts))
    def refund_escrow(self, number: int, amount: int | None) -> None:
        escrow = self.escrow(number)
        left = self.books.balances[escrow]

        def act() -> str:
            done = escrow_refund(actor=SYSTEM, challenge_id=self.challenge(number), amount=amount)
            return done or ""

        if amount is None and not left:
            assert not act()
        elif escrow in self.books.kinds:
            units = left if amount is None else amount
            self.move("escrow_refund", [(escrow, -units), ("rewards_pool", units)], act)

    @rule(amount=amounts, is_deposit=st.booleans())
    def arrive_at_the_hot_wallet(self, amount: int, is_deposit: bool) -> None:
        number = self.next_number()
        log = TransferLog(1, "0x1", f"0x{number:064x}", 0, "0xA", "0xB", amount * WEI + number % 2)

        def act() -> str:
            pk = deposit_book(log)[0] if is_deposit else custody_in_book(log)
            return str(Transaction.objects.get(pk=pk).public_id)

        other = "unclaimed_deposits" if is_deposit else "onchain_cold"
        type_ = "deposit" if is_deposit else "custody_move"
        self.move(type_, [("onchain_hot", -amount), (other, amount)], act)
        self.refused(SourceKeyUsed, act)

    @rule(person=people, amount=amounts)
    def claim(self, person: int, amount: int) -> None:
        number = self.next_number()

        def act() -> str:
            return deposit_claim(
                actor=SYSTEM,
                user_id=self.user_id(person),
                amount=amount,
                source_key=str(number),
                reference="tx:0x1",
            )

        legs = [("unclaimed_deposits", -amount), (self.key(person), amount)]
        if made := self.move("claim", legs, act, receiver=person):
            self.once(act, made)

    @rule(
        account=st.sampled_from(["fees", "subscription_revenue"]), keep=st.integers(min_value=0, max_value=30)
    )
    def sweep(self, account: str, keep: int) -> None:
        number, units = self.next_number(), self.books.balances[account] - keep

        def act() -> str:
            sweep = revenue_sweep(actor=SYSTEM, account=account, source_key=str(number), keep=keep)
            return sweep.transaction_id or ""

        if units <= 0:
            assert not act()
        else:
            self.once(act, self.move("sweep", [(account, -units), ("treasury", units)], act))

    @rule(
        amount=amounts,
        account=st.one_of(people, st.sampled_from(["onchain_hot", "unclaimed_deposits", "treasury"])),
    )
    def lose(self, amount: int, account: int | str) -> None:
        number = self.next_number()
        person, key = (None, account) if isinstance(account, str) else (account, self.key(account))

        def act() -> str:
            lost = loss_book(
                actor=SYSTEM, to_account=key, amount=amount, source_key=str(number), reason="test"
            )
            return lost.transaction_id or ""

        if made := self.move("loss", [("losses", -amount), (key, amount)], act, receiver=person):
            self.once(act, made)

    @rule(person=people, amount=amounts)
    def faucet(self, person: int, amount: int) -> None:
        number = self.next_number()

        def act() -> str:
            with override_settings(DEBUG=True):
                return faucet_user(user_id=self.user_id(person), amount=amount, source_key=f"faucet:{number}")

        made = self.move("faucet", [("treasury", -amount), (self.key(person), amount)], act, receiver=person)
        self.once(act, made)

    @precondition(lambda self: self.books.repeats)
    @rule(which=any_of)
    def repeat(self, which: int) -> None:
        """The same cause again: the same answer, and nothing is written."""
        act, result = chosen(self.books.repeats, which)
        before = written()
        assert act() == result
        assert written() == before

    @rule(which=any_of)
    def replay_a_source_key(self, which: int) -> None:
        key = chosen(Posting.objects.order_by("pk").values_list("source_key", flat=True), which)
        self.refused(SourceKeyUsed, lambda: self.post(key, [("treasury", -1), ("fees", 1)]))

    @rule(person=people, amount=amounts)
    def fail_after_posting(self, person: int, amount: int) -> None:
        """A service that dies after it has posted leaves nothing behind."""

        def act() -> None:
            self.post("doomed", [("treasury", -amount), (self.key(person), amount)])
            raise DomainError

        self.refused(DomainError, act)

    def post(self, source_key: str, legs: list[tuple[str, int]]) -> None:
        pk = transaction_open(TransactionDraft("pool_funding", sum(abs(units) for _, units in legs) // 2))
        post(transaction_id=pk, kind="post", source_key=source_key, legs=[Leg(*leg) for leg in legs])

    @rule(person=people)
    def become_lazy(self, person: int) -> None:
        """From now on credits wait beside the balance; nobody can tell."""
        make_lazy(self.world.users[person])

    @rule()
    def fold(self) -> None:
        waiting = UnfoldedEntry.objects.count()
        assert lazy_accounts_fold() == waiting
        assert not UnfoldedEntry.objects.exists()

    @rule(span=st.sampled_from([timedelta(minutes=20), timedelta(hours=1), MINED_FOR, timedelta(hours=73)]))
    def time_passes(self, span: timedelta) -> None:
        self.wait(span)
