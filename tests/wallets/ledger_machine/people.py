"""Rules of what people do: transfers within limits, holds, and paying with tokens."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ogc import clock
from ogc.actors import SYSTEM
from ogc.amounts import format_amount
from ogc.errors import NotFound
from tests.wallets.ledger_machine.model import (
    LIMITS,
    PEOPLE,
    Held,
    LedgerModel,
    amounts,
    any_of,
    chosen,
    others,
    people,
)
from wallets.constants import HoldPurpose, TransactionStatus
from wallets.errors import (
    HoldEnded,
    LedgerMisuse,
    LimitExceeded,
    RecipientSelf,
    RefundTooHigh,
    WalletFrozen,
)
from wallets.models import Hold, Transaction
from wallets.selectors.holds import holds_due
from wallets.services.checkouts import (
    token_checkout_hold,
    token_checkout_settle,
    token_checkout_void,
    token_refund,
)
from wallets.services.holds import hold_expire, hold_open, hold_settle, hold_void
from wallets.services.posting import Leg, TransactionDraft
from wallets.services.transfers import transfer_preview, transfer_settle


class PeopleRules(LedgerModel):
    """What wallets give, hold and pay."""

    def transfer_refusal(self, giver: int, receiver: int) -> type[Exception] | None:
        if giver == receiver:
            return RecipientSelf
        return WalletFrozen if giver in self.books.frozen else None

    def used(self, giver: int) -> dict[str, int]:
        """What the giver used of each limit in this clock hour and day."""
        now = clock.now()
        mine = [(at, amount) for person, at, amount in self.books.given if person == giver]
        today = [(at, amount) for at, amount in mine if at.date() == now.date()]
        hour = [amount for at, amount in today if at.hour == now.hour]
        return {
            "user_hour": sum(hour),
            "user_day": sum(amount for _, amount in today),
            "user_hour_count": len(hour),
            "user_day_count": len(today),
        }

    def is_within_limits(self, giver: int, amount: int) -> bool:
        used = self.used(giver)
        return all(
            used[name] + (1 if name.endswith("count") else amount) <= limit for name, limit in LIMITS.items()
        )

    def address(self, person: int, by_email: bool) -> str:
        user = self.world.users[person]
        return user.email if by_email else user.public_id

    @rule(
        giver=people,
        other=others,
        amount=amounts,
        times=st.sampled_from([1, 1, 1, 7]),
        by_email=st.booleans(),
    )
    def transfer(self, giver: int, other: int, amount: int, times: int, by_email: bool) -> None:
        receiver = (giver + other) % PEOPLE
        amount = amount if times == 1 else 1 + amount % 5
        for _ in range(times):
            self.transfer_once(giver, receiver, amount, by_email)

    def transfer_once(self, giver: int, receiver: int, amount: int, by_email: bool) -> None:
        def act() -> str:
            to = self.address(receiver, by_email)
            return transfer_settle(actor=self.person(giver), to=to, amount=amount).id

        if refusal := self.transfer_refusal(giver, receiver):
            self.refused(refusal, act)
            return
        if not self.is_within_limits(giver, amount):
            self.refused(LimitExceeded, act)
            return
        legs = [(self.key(giver), -amount), (self.key(receiver), amount)]
        if self.move("transfer", legs, act, giver=giver, receiver=receiver):
            self.books.given.append((giver, clock.now(), amount))

    @rule(giver=people, other=others, amount=amounts)
    def preview(self, giver: int, other: int, amount: int) -> None:
        """A dry run says what would happen."""
        receiver = (giver + other) % PEOPLE

        def act() -> Any:
            return transfer_preview(actor=self.person(giver), to=self.user_id(receiver), amount=amount)

        if refusal := self.transfer_refusal(giver, receiver):
            self.refused(refusal, act)
            return
        told = act()
        assert told.available == self.books.balances[self.key(giver)]
        assert {one.name: one.used for one in told.limits} == self.used(giver)
        assert all(one.is_kept for one in told.limits) == self.is_within_limits(giver, amount)

    @rule(person=people, amount=amounts, fee=st.integers(min_value=0, max_value=3))
    def hold_withdrawal(self, person: int, amount: int, fee: int) -> None:
        draft = TransactionDraft(
            "withdrawal", amount, sender_pk=self.wallet(person).pk, status=TransactionStatus.PENDING
        )

        def act() -> str:
            hold_open(
                draft=draft,
                user_id=self.user_id(person),
                amount=amount + fee,
                purpose=HoldPurpose.WITHDRAWAL,
            )
            return draft.public_id

        self.hold("withdrawal", person, amount + fee, act, amount, None)

    def is_open(self, name: str) -> bool:
        return self.books.holds[name].status == "open"

    @rule(
        person=people,
        amount=amounts,
        by_system=st.booleans(),
        then=st.sampled_from(["wait", "pay", "refund"]),
    )
    def hold_checkout(self, person: int, amount: int, by_system: bool, then: str) -> None:
        number = self.next_number()

        def act() -> str:
            return token_checkout_hold(
                actor=SYSTEM if by_system else self.person(person),
                user_id=self.user_id(person),
                amount=amount,
                source_key=str(number),
                reference="plan:pro",
            )

        if person in self.books.frozen:
            self.refused(WalletFrozen, act)
            return
        expires_at = clock.now() + timedelta(seconds=settings.CHECKOUT_HOLD_SECONDS)
        if made := self.hold("subscription", person, amount, act, amount, expires_at):
            self.once(act, made)
            if then != "wait":
                self.settle_one(made, amount, 0)
            if then == "refund":
                self.give_back_of(made, 1 + amount // 3)

    def hold(self, type_: str, person: int, held: int, act: Any, amount: int, expires_at: Any) -> str | None:
        legs = [(self.key(person), -held), (self.key(person, "reserved"), held)]
        made = self.move(type_, legs, act, status="pending", amount=amount, giver=person)
        if made:
            purpose = "checkout" if expires_at else "withdrawal"
            self.books.holds[made] = Held(person, held, purpose, expires_at)
        return made

    def end(self, name: str, status: str, settled: int, to: Any, transaction_status: str, act: Any) -> None:
        """End a hold in both worlds; `to` are the legs of what is settled."""
        held = self.books.holds[name]
        legs = [
            (self.key(held.person, "reserved"), -held.amount),
            (self.key(held.person), held.amount - settled),
            *to,
        ]
        if self.attempt(legs, lambda: (act(), True)):
            held.status, held.settled = status, settled
            self.books.moves[name].status = transaction_status
            self.add(name, legs)

    @precondition(lambda self: self.books.holds)
    @rule(which=any_of, part=amounts, fee=st.integers(min_value=0, max_value=2))
    def settle(self, which: int, part: int, fee: int) -> None:
        """In whole or in part; what ended, or whose time is over, is refused, and so is more than is held."""
        name = chosen(self.books.holds, which, self.is_open)
        held = self.books.holds[name].amount
        self.settle_one(name, held if which % 3 == 0 else 1 + part % (held + 1), fee)

    def settle_one(self, name: str, part: int, fee: int) -> None:
        held, pk = self.books.holds[name], pk_of(name)
        is_checkout = held.purpose == "checkout"
        to = [("subscription_revenue" if is_checkout else "onchain_hot", part)]
        if fee and not is_checkout:
            to.append(("fees", fee))
        settled = sum(units for _, units in to)

        def act() -> None:
            if is_checkout:
                token_checkout_settle(actor=SYSTEM, transaction_id=name, amount=part)
            else:
                hold_settle(transaction_pk=pk, to=[Leg(*leg) for leg in to])

        is_late = held.expires_at is not None and held.expires_at <= clock.now()
        if settled > held.amount:
            self.refused(LedgerMisuse, act)
        elif held.status != "open" or is_late:
            self.refused(HoldEnded, act)
        else:
            self.end(name, "settled", settled, to, "completed", act)

    @precondition(lambda self: self.books.holds)
    @rule(which=any_of)
    def void(self, which: int) -> None:
        name = chosen(self.books.holds, which, self.is_open)
        held = self.books.holds[name]
        is_checkout = held.purpose == "checkout"

        def act() -> None:
            if is_checkout:
                token_checkout_void(actor=SYSTEM, transaction_id=name)
            else:
                hold_void(transaction_pk=pk_of(name), to_status=TransactionStatus.FAILED)

        if held.status != "open":
            self.refused(HoldEnded, act)
        else:
            self.end(name, "voided", 0, (), "cancelled" if is_checkout else "failed", act)

    @rule(waits=st.booleans())
    def expire(self, waits: bool) -> None:
        """The sweep finds what the model finds, and each ends once."""
        self.wait(timedelta(seconds=settings.CHECKOUT_HOLD_SECONDS) if waits else timedelta(0))
        due = {
            name
            for name, held in self.books.holds.items()
            if held.status == "open" and held.expires_at is not None and held.expires_at <= clock.now()
        }
        found = {Hold.objects.get(pk=pk).public_id: pk for pk in holds_due(100)}
        assert set(found) == due
        for name, pk in found.items():
            self.end(name, "expired", 0, (), "cancelled", lambda pk=pk: hold_expire(hold_pk=pk))
            assert not hold_expire(hold_pk=pk)

    @precondition(lambda self: self.payments())
    @rule(which=any_of, amount=amounts)
    def give_back(self, which: int, amount: int) -> None:
        """Refund a payment, or a part of it."""
        name = chosen(self.payments(), which, lambda one: self.books.moves[one].status == "completed")
        self.give_back_of(name, amount if which % 2 else 1 + amount % 10)

    def payments(self) -> list[str]:
        return [name for name, held in self.books.holds.items() if held.purpose == "checkout"]

    def give_back_of(self, name: str, amount: int) -> None:
        number, held, payment = self.next_number(), self.books.holds[name], self.books.moves[name]

        def act() -> str:
            return token_refund(actor=SYSTEM, transaction_id=name, amount=amount, source_key=str(number))

        left = held.settled - self.refunded(name)
        if payment.status != "completed":
            self.refused(NotFound, act)
        elif amount > left:
            assert self.refused(RefundTooHigh, act).details == {"left": format_amount(left)}
        else:
            legs = [("subscription_revenue", -amount), (self.key(held.person), amount)]
            made = self.move("refund", legs, act, receiver=held.person, payment=name)
            if made:
                self.once(act, made)


def pk_of(transaction_id: str) -> int:
    return Transaction.objects.values_list("pk", flat=True).get(public_id=transaction_id)
