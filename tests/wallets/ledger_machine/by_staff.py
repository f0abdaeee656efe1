"""Rules of what staff do: adjust, reward, reverse, freeze, flag; alone or two of them."""

import json
from datetime import timedelta
from typing import Any

from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from governance.constants import APPROVAL_LIFE_HOURS
from governance.errors import ApprovalExpired, ApprovalNotPending
from governance.models import Approval, AuditRecord
from governance.services import approval_approve, approval_reject
from ogc import clock
from ogc.actors import SYSTEM
from ogc.errors import CannotChangeSelf, NotFound, SecondPersonRequired
from tests.wallets.ledger_machine.model import (
    THRESHOLD,
    Wish,
    amounts,
    any_of,
    chosen,
    people,
    staff_members,
)
from tests.wallets.ledger_machine.platform import PlatformRules, reward_seconds
from wallets.constants import EARNED_TYPES, REVERSIBLE_TYPES
from wallets.errors import (
    AlreadyReversed,
    InsufficientBalance,
    RecipientNotFound,
    TransactionNotReversible,
    WalletClosed,
)
from wallets.models import Wallet
from wallets.services.adjustments import adjustment_request
from wallets.services.grants import grant_request
from wallets.services.platform_moves import deposit_claim
from wallets.services.reversals import reversal_request
from wallets.services.risk_holds import wallet_risk_hold, wallet_risk_release
from wallets.services.transfers import transfer_settle
from wallets.services.wallets import wallet_freeze, wallet_unfreeze

DAY = timedelta(hours=24)
signs = st.sampled_from([1, -1])


class StaffRules(PlatformRules):
    """What staff do by hand."""

    def needs_second_person(self, member: int, amount: int) -> bool:
        since = clock.now() - DAY
        moved = [units for who, at, units in self.books.staff_moves if who == member and at > since]
        return sum(moved) + amount >= THRESHOLD

    def by_hand(self, kind: str, member: int, subject: Any, amount: int, call: Any) -> str | None:
        """A call that the accounts bear: the id of the transaction, or None when it waits for somebody."""
        outcome = call()
        if not self.needs_second_person(member, amount):
            assert outcome.approval is None
            return str(outcome.transaction_id)
        self.asked = name = outcome.approval.public_id
        known = self.books.wishes.get(name)
        if known is not None:
            assert (kind, known.subject, known.status) == ("reversal", subject, "pending")
            assert known.expires_at > clock.now()
        else:
            expires_at = clock.now() + timedelta(hours=APPROVAL_LIFE_HOURS)
            self.books.wishes[name] = Wish(kind, member, subject, amount, expires_at)
        assert not outcome.transaction_id
        return None

    def decide_at_once(self, is_wanted: bool, requester: int) -> None:
        """What was just asked for is often decided before much else happens."""
        if is_wanted:
            self.decide_one(self.asked, 1 - requester, 0, is_rejected=False)

    def count(self, member: int, amount: int) -> None:
        self.books.staff_moves.append((member, clock.now(), amount))

    @rule(member=staff_members, person=people, amount=amounts, sign=signs, second=st.booleans())
    def adjust(self, member: int, person: int, amount: int, sign: int, second: bool) -> None:
        legs = self.adjustment(person, sign * amount)

        def call() -> Any:
            return adjustment_request(
                actor=self.world.staff[member],
                wallet_id=self.wallet(person).public_id,
                amount=sign * amount,
                reason="A mistake",
            )

        if not self.books.would_stand(legs):
            self.refused(InsufficientBalance, call)
        elif made := self.by_hand("adjustment", member, (person, sign * amount), amount, call):
            self.adjusted(made, member, person, sign * amount)
        else:
            self.decide_at_once(second, member)

    def adjustment(self, person: int, amount: int) -> list[tuple[str, int]]:
        return [("treasury", -amount), (self.key(person), amount)]

    def adjusted(self, made: str, member: int, person: int, amount: int) -> None:
        keys = self.key(person), "treasury"
        before = self.balances(*keys)
        side = {"receiver": person} if amount > 0 else {"giver": person}
        legs = self.adjustment(person, amount)
        self.books.apply(legs)
        self.register(made, "admin_adjust", legs, **side)
        self.count(member, abs(amount))
        after = self.balances(*keys)
        told_before, told_after = audited("wallet.adjust")
        assert (told_before["balances"], told_after["balances"]) == (before, after)

    def balances(self, *keys: str) -> dict[str, int]:
        return {key: self.books.balances[key] for key in keys}

    @rule(member=staff_members, person=people, amount=amounts, seconds=reward_seconds)
    def grant(self, member: int, person: int, amount: int, seconds: int) -> None:
        def call() -> Any:
            with override_settings(REWARD_HOLD_SECONDS=seconds):
                return grant_request(
                    actor=self.world.staff[member],
                    user_id=self.user_id(person),
                    amount=amount,
                    reason="Found a bug",
                )

        if made := self.by_hand("grant", member, (person, amount), amount, call):
            self.granted(made, member, person, amount, seconds)
        else:
            self.decide_at_once(amount % 2 == 0, member)

    def granted(self, made: str, member: int, person: int, amount: int, seconds: int) -> None:
        keys = self.key(person), self.key(person, "pending"), "rewards_pool"
        before = self.balances(*keys)
        legs = [("rewards_pool", -amount), (self.key(person, "pending"), amount)]
        self.books.apply(legs)
        self.register(made, "reward", legs, status="pending", receiver=person)
        self.earn(made, person, amount, seconds)
        self.count(member, amount)
        assert audited("reward.grant") == (
            {"balances": before},
            {
                "balances": self.balances(*keys),
                "amount": amount,
                "transaction": made,
                **told_of_approval(made),
            },
        )

    @precondition(lambda self: self.books.moves)
    @rule(member=staff_members, which=any_of, second=st.booleans())
    def reverse(self, member: int, which: int, second: bool) -> None:
        """Any transaction: once, what can be reversed, and what is still there."""
        name = chosen(self.books.moves, which, lambda one: not self.reversal_refusal(one))

        def call() -> Any:
            return reversal_request(actor=self.world.staff[member], transaction_id=name, reason="Stolen")

        if refusal := self.reversal_refusal(name):
            self.refused(refusal, call)
            return
        amount = sum(units for _, units in self.mirror(name) if units > 0)
        if made := self.by_hand("reversal", member, name, amount, call):
            self.reversed(made, member, name)
        else:
            self.decide_at_once(second, member)

    def mirror(self, name: str) -> list[tuple[str, int]]:
        return [(key, -units) for key, units in self.books.moves[name].net.items() if units]

    def reversal_refusal(self, name: str) -> type[Exception] | None:
        original = self.books.moves[name]
        if original.status == "reversed":
            return AlreadyReversed
        waits = original.type in EARNED_TYPES and original.status == "pending"
        if original.type not in REVERSIBLE_TYPES or not (waits or original.status == "completed"):
            return TransactionNotReversible
        if not self.books.would_stand(self.mirror(name)):
            return InsufficientBalance
        if original.giver is not None and self.refunded(name):
            return TransactionNotReversible
        return None

    def reversed(self, made: str, member: int, name: str) -> None:
        original, legs = self.books.moves[name], self.mirror(name)
        before = {key: self.books.balances[key] for key, _ in legs}
        status, original.status = original.status, "reversed"
        self.books.apply(legs)
        self.register(made, "reversal", legs, giver=original.receiver, receiver=original.giver)
        if name in self.books.rewards:
            self.books.rewards[name].status = "reversed"
        self.count(member, self.books.moves[made].amount)
        told_before, told_after = audited("wallet.reverse")
        assert told_before == {"status": status, "balances": before}
        assert told_after["balances"] == {key: self.books.balances[key] for key, _ in legs}

    @precondition(lambda self: self.books.wishes)
    @rule(
        member=staff_members,
        which=any_of,
        seconds=reward_seconds,
        is_rejected=st.sampled_from([False, False, True]),
    )
    def decide(self, member: int, which: int, seconds: int, is_rejected: bool) -> None:
        """A second person lets it happen, with every check once more; or does not."""
        name = chosen(self.books.wishes, which, lambda one: self.books.wishes[one].requester != member)
        self.decide_one(name, member, seconds, is_rejected=is_rejected)

    def decide_one(self, name: str, member: int, seconds: int, *, is_rejected: bool) -> None:
        wish = self.books.wishes[name]
        decide = approval_reject if is_rejected else approval_approve

        def call() -> Any:
            with override_settings(REWARD_HOLD_SECONDS=seconds):
                return decide(actor=self.world.staff[member], approval_id=name, reason="seen")

        if refusal := self.decision_refusal(wish, member, is_rejected):
            self.refused(refusal, call)
            return
        result = call().result
        wish.status = "rejected" if is_rejected else "approved"
        if not is_rejected:
            made, subject = result["transaction_id"], wish.subject
            if wish.kind == "grant":
                self.granted(made, wish.requester, *subject, seconds)
            elif wish.kind == "adjustment":
                self.adjusted(made, wish.requester, *subject)
            else:
                self.reversed(made, wish.requester, subject)

    def decision_refusal(self, wish: Wish, member: int, is_rejected: bool) -> type[Exception] | None:
        if wish.status != "pending":
            return ApprovalNotPending
        if wish.expires_at <= clock.now():
            return ApprovalExpired
        if wish.requester == member:
            return SecondPersonRequired
        if is_rejected:
            return None
        if wish.kind == "reversal":
            return self.reversal_refusal(wish.subject)
        if wish.kind == "adjustment" and not self.books.would_stand(self.adjustment(*wish.subject)):
            return InsufficientBalance
        return None

    @rule(member=staff_members, amount=amounts)
    def nobody_moves_for_oneself_or_into_a_closed_wallet(self, member: int, amount: int) -> None:
        actor, left = self.world.staff[member], self.world.left
        own = self.world.wallet_of(actor.user_id).public_id
        gone = self.world.wallets[left.pk].public_id
        facts: dict[str, Any] = {"amount": amount, "reason": "No"}
        self.refused(CannotChangeSelf, lambda: adjustment_request(actor=actor, wallet_id=own, **facts))
        self.refused(
            CannotChangeSelf, lambda: grant_request(actor=actor, user_id=actor.user_id or "", **facts)
        )
        self.refused(WalletClosed, lambda: adjustment_request(actor=actor, wallet_id=gone, **facts))
        self.refused(WalletClosed, lambda: grant_request(actor=actor, user_id=left.public_id, **facts))
        claim = {"user_id": left.public_id, "amount": amount, "source_key": "left", "reference": "tx:0x1"}
        self.refused(NotFound, lambda: deposit_claim(actor=SYSTEM, **claim))
        to = left.public_id
        self.refused(RecipientNotFound, lambda: transfer_settle(actor=self.person(0), to=to, amount=amount))

    @rule(member=staff_members, person=people)
    def freeze_or_unfreeze(self, member: int, person: int) -> None:
        facts = {"actor": self.world.staff[member], "wallet_id": self.wallet(person).public_id}
        is_frozen = person in self.books.frozen
        (wallet_unfreeze if is_frozen else wallet_freeze)(**facts, reason="test")
        self.books.frozen ^= {person}
        statuses = Wallet.objects.filter(status="frozen").values_list("user_id", flat=True)
        assert set(statuses) == {self.world.users[one].pk for one in self.books.frozen}
        assert audited("wallet.unfreeze" if is_frozen else "wallet.freeze")[1]["status"] == (
            "active" if is_frozen else "frozen"
        )

    @rule(member=staff_members, person=people)
    def flag_or_unflag(self, member: int, person: int) -> None:
        """Rewards of a flagged wallet wait."""
        facts = {"actor": self.world.staff[member], "wallet_id": self.wallet(person).public_id}
        is_flagged = person in self.books.flagged
        (wallet_risk_release if is_flagged else wallet_risk_hold)(**facts, reason="test")
        self.books.flagged ^= {person}


def audited(action: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after of the latest record of this action."""
    record = AuditRecord.objects.filter(action=action).latest("pk")
    return json.loads(record.before), json.loads(record.after)


def told_of_approval(transaction_id: str) -> dict[str, str]:
    """What the audit trail says beside it of a move that a second person let happen."""
    for approval in Approval.objects.filter(status="approved"):
        if approval.result == {"transaction_id": transaction_id}:
            return {"requested_by": approval.requester.public_id, "approval": approval.public_id}
    return {}
