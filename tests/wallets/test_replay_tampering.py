"""A replay names what was done to the ledger behind its back."""

from dataclasses import dataclass

import pytest

from ogc.actors import Actor
from tests.factories.wallets import rich_user
from tests.wallets.ledger_tampering import tamper
from wallets.constants import SECTION_ENTRIES
from wallets.models import Checkpoint, Entry, LedgerAccount, Posting, Transaction
from wallets.services.lazy import lazy_accounts_fold
from wallets.services.replay import Difference, Replay, replay
from wallets.services.transfers import transfer_settle

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.usefixtures("money"),
]

AMOUNT = 5
BALANCE = "UPDATE wallets_ledgeraccount SET balance = balance + {} WHERE id = {}"
COUNTED = (
    "UPDATE wallets_ledgeraccount SET balance = balance + {}, entry_count = entry_count + {} WHERE id = {}"
)


@dataclass(frozen=True)
class Ledger:
    """Transfers of one amount from ann to bob, so many that checkpoints lie between; eve took no part."""

    ann: int
    bob: int
    eve: int
    postings: list[Posting]

    def entry(self, number: int, account: int) -> int:
        return int(
            Entry.objects.values_list("pk", flat=True).get(posting=self.postings[number], account=account)
        )

    def name(self, number: int) -> tuple[str, str]:
        posting = self.postings[number]
        return posting.source_key, posting.transaction.public_id


@pytest.fixture
def ledger() -> Ledger:
    people = [rich_user(10) for _ in range(3)]
    accounts = [LedgerAccount.objects.get(key=f"user:{user.public_id}:available").pk for user in people]
    return Ledger(*accounts, [transfer(*accounts[:2]) for _ in range(3 * SECTION_ENTRIES)])


def transfer(giver: int, taker: int) -> Posting:
    """The posting of one more, between these accounts."""
    giver_id, taker_id = (key(pk).split(":")[1] for pk in (giver, taker))
    actor = Actor(kind="user", user_id=giver_id, scopes=frozenset({"self"}))
    moved = transfer_settle(actor=actor, to=taker_id, amount=AMOUNT)
    return Posting.objects.select_related("transaction").get(transaction__public_id=moved.id)


def found_in(ledger: Ledger) -> tuple[Replay, Difference]:
    found = replay()
    assert found.first is not None
    return found, found.first


def key(account: int) -> str:
    return LedgerAccount.objects.values_list("key", flat=True).get(pk=account)


def test_nothing_is_found_where_nothing_was_done(ledger: Ledger) -> None:
    assert replay().is_whole


def test_a_balance_that_was_changed(ledger: Ledger) -> None:
    tamper(BALANCE.format(7, ledger.bob))
    found, first = found_in(ledger)
    assert (found.differing, found.odd, first.account) == (1, 0, key(ledger.bob))
    assert first.cause.why.startswith("the balance itself was changed")
    assert (first.cause.posting, first.cause.until, first.cause.candidates) == ("", "", ())


def test_an_entry_that_was_changed_with_its_counter_entry(ledger: Ledger) -> None:
    tamper(f"UPDATE wallets_entry SET amount = amount * 3 WHERE posting_id = {ledger.postings[20].pk}")
    found, first = found_in(ledger)
    assert found.differing == 2
    assert (first.cause.posting, first.cause.transaction) == ledger.name(20)
    assert first.cause.why == "it moves 15, its transaction says 5"


def test_entries_that_were_changed_with_their_transaction(ledger: Ledger) -> None:
    """Nothing contradicts the posting itself; but of all that lies between only its accounts differ."""
    row = transfer(ledger.bob, ledger.eve)
    for _ in range(SECTION_ENTRIES):
        transfer(ledger.ann, ledger.bob)
    tamper(
        f"UPDATE wallets_entry SET amount = amount * 3 WHERE posting_id = {row.pk}",
        f"UPDATE wallets_transaction SET amount = amount * 3 WHERE id = {row.transaction_id}",
    )
    found, first = found_in(ledger)
    assert (found.differing, found.odd, first.account) == (2, 0, key(ledger.bob))
    assert first.cause.posting == row.source_key
    assert first.cause.why == "of all that lies between it is the only one all of whose accounts differ"


@pytest.mark.parametrize("number", [20, 3 * SECTION_ENTRIES - 1], ids=["before-a-checkpoint", "at-the-end"])
def test_an_entry_that_was_moved_with_the_balances(ledger: Ledger, number: int) -> None:
    tamper(
        f"UPDATE wallets_entry SET account_id = {ledger.eve}, section = 0 "
        f"WHERE id = {ledger.entry(number, ledger.bob)}",
        COUNTED.format(-AMOUNT, -1, ledger.bob),
        COUNTED.format(AMOUNT, 1, ledger.eve),
    )
    found = replay()
    assert found.first_odd is not None
    assert (found.first_odd.posting, found.first_odd.transaction) == ledger.name(number)
    if number == 20:
        assert found.first is not None
        assert (found.first.account, found.first.cause.posting) == (key(ledger.bob), ledger.name(20)[0])


def test_an_entry_that_was_deleted(ledger: Ledger) -> None:
    tamper(f"DELETE FROM wallets_entry WHERE id = {ledger.entry(20, ledger.bob)}")
    found, first = found_in(ledger)
    assert (found.differing, first.account) == (1, key(ledger.bob))
    assert (first.cause.posting, first.cause.transaction) == ledger.name(20)
    assert first.cause.why == "it has fewer than two entries"


def test_a_posting_that_was_deleted(ledger: Ledger) -> None:
    pk = ledger.postings[20].pk
    tamper(
        f"DELETE FROM wallets_entry WHERE posting_id = {pk}", f"DELETE FROM wallets_posting WHERE id = {pk}"
    )
    found, first = found_in(ledger)
    assert (found.differing, found.odd) == (2, 1)
    assert (first.cause.posting, first.cause.transaction) == ("", ledger.name(20)[1])


def test_a_checkpoint_that_was_changed(ledger: Ledger) -> None:
    point = Checkpoint.objects.get(account=ledger.bob, section=2)
    tamper(f"UPDATE wallets_checkpoint SET balance = balance + 1 WHERE id = {point.pk}")
    found, first = found_in(ledger)
    assert (found.differing, found.odd, first.account) == (1, 0, key(ledger.bob))
    last = Posting.objects.get(entries=point.entry_id)
    assert (first.cause.posting, first.cause.until) == ("", last.source_key)
    assert first.cause.why == "the stored sum itself was changed: what follows it is right"


def add_posting(ledger: Ledger, amount: int, transaction_pk: int, kind: str = "post") -> Posting:
    """One that is whole in itself, in the second section of both accounts."""
    last = int(Posting.objects.order_by("-pk").values_list("pk", flat=True)[0]) + 1
    entry = int(Entry.objects.order_by("-pk").values_list("pk", flat=True)[0])
    tamper(
        "INSERT INTO wallets_posting (id, transaction_id, kind, source_key, created_at) "
        f"VALUES ({last}, {transaction_pk}, '{kind}', 'forged', '2026-01-01 00:00:00')",
        *(
            "INSERT INTO wallets_entry (id, posting_id, account_id, amount, section, unfolded) "
            f"VALUES ({entry + number}, {last}, {account}, {units}, 1, 0)"
            for number, account, units in ((1, ledger.ann, -amount), (2, ledger.bob, amount))
        ),
    )
    return Posting.objects.get(pk=last)


def forged_transaction(ledger: Ledger, amount: int) -> int:
    like = ledger.postings[0].transaction
    parties = {"sender": like.sender, "recipient": like.recipient}
    return Transaction.objects.create(type="transfer", status="completed", amount=amount, **parties).pk


def test_a_posting_that_was_added_to_a_transaction(ledger: Ledger) -> None:
    add_posting(ledger, AMOUNT, ledger.postings[3].transaction_id)
    found, first = found_in(ledger)
    assert (found.differing, first.cause.posting) == (2, "forged")
    assert first.cause.why == "its transaction has another one of its kind"


def test_a_posting_that_was_added_with_a_transaction(ledger: Ledger) -> None:
    add_posting(ledger, AMOUNT + 1, forged_transaction(ledger, AMOUNT + 1))
    found, first = found_in(ledger)
    assert (found.differing, found.odd, first.cause.posting) == (2, 0, "forged")
    assert first.cause.why == "one entry too many is stored, and only this one has the amount"


def test_a_forged_posting_among_its_like_is_told_as_a_candidate(ledger: Ledger) -> None:
    """All between two stored sums are the same, and between the same people: nothing tells them apart."""
    add_posting(ledger, AMOUNT, forged_transaction(ledger, AMOUNT))
    found, first = found_in(ledger)
    assert (found.differing, found.odd, first.cause.posting) == (2, 0, "")
    assert len(first.cause.candidates) == SECTION_ENTRIES + 1
    assert "forged" in {one.posting for one in first.cause.candidates}
    assert (first.cause.after, first.cause.until) != ("", "")


@pytest.mark.parametrize(
    "change", ["amount = amount * 3", "account_id = {eve}"], ids=["its-amount", "its-account"]
)
def test_an_entry_of_a_lazy_account(ledger: Ledger, change: str) -> None:
    LedgerAccount.objects.filter(pk=ledger.bob).update(lazy=True)
    ledger.postings.extend(transfer(ledger.ann, ledger.bob) for _ in range(3))
    lazy_accounts_fold()
    assert replay().is_whole
    entry = ledger.entry(-2, ledger.bob)
    tamper(f"UPDATE wallets_entry SET {change.format(eve=ledger.eve)} WHERE id = {entry}")
    found = replay()
    assert found.first_odd is not None
    assert (found.first_odd.posting, found.first_odd.transaction) == ledger.name(-2)
    assert found.first is not None
    assert found.first.cause.posting == ledger.name(-2)[0]
