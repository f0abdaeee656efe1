"""The proof that the ledger is whole finds every way in which it is not."""

import json
from io import StringIO
from itertools import groupby

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings

from accounts.services import actor_for
from tests.factories.accounts import UserFactory
from tests.factories.governance import staff
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.constants import HoldPurpose
from wallets.models import Entry, Hold, LedgerAccount, Posting, Transaction
from wallets.rules import user_account_key
from wallets.services import reconciliation
from wallets.services.holds import hold_open, hold_settle
from wallets.services.ledger_checks import accounts
from wallets.services.ledger_checks.results import SHOWN
from wallets.services.ledger_checks.streams import PLAIN, Part
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.reconciliation import CheckResult, CheckStatus, reconcile, register_check
from wallets.services.reversals import reversal_request
from wallets.services.transfers import transfer_settle

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

LEDGER_CHECKS = [
    "postings_sum_to_zero",
    "balances_equal_entries",
    "balances_on_their_side",
    "contra_equals_all_others",
    "checkpoints_equal_entries",
    "lazy_entries_have_one_place",
    "transactions_match_postings",
    "holds_and_rewards_match_accounts",
]


@pytest.fixture(autouse=True)
def _only_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "_checks", {})


def wrong() -> dict[str, str]:
    return {result.name: result.detail for result in reconcile() if result.status == CheckStatus.WRONG}


def test_a_whole_ledger_has_nothing_wrong() -> None:
    rich_user(5)
    assert [(result.name, result.status) for result in reconcile()] == [
        (name, CheckStatus.OK) for name in LEDGER_CHECKS
    ]


def test_a_posting_that_does_not_come_to_zero_is_named_with_its_transaction() -> None:
    posting = Posting.objects.select_related("transaction").first()
    account = LedgerAccount.objects.get(key="losses")
    Entry.objects.create(posting=posting, account=account, amount=7)
    found = wrong()
    named = f"transaction {posting.transaction.public_id}, posting {posting.source_key}: 7"
    assert found["postings_sum_to_zero"] == named
    assert "contra_equals_all_others" in found


def opened(**fields: object) -> Transaction:
    return Transaction.objects.create(**({"type": "sweep", "amount": 1} | fields))


def test_a_posting_without_entries_is_named() -> None:
    row = opened()
    Posting.objects.create(transaction=row, kind="post", source_key="empty", created_at=row.created_at)
    assert wrong() == {
        "postings_sum_to_zero": f"transaction {row.public_id}, posting empty: fewer than two entries",
        "transactions_match_postings": (
            f"transaction {row.public_id} (sweep) is of 1, its postings move {{'post': 0}}"
        ),
    }


@pytest.mark.parametrize(
    ("status", "kinds", "has"),
    [
        ("completed", [], "nothing"),
        ("pending", ["hold", "settle"], "hold+settle"),
        ("failed", ["hold"], "hold"),
        ("cancelled", ["post"], "post"),
        ("reversed", [], "nothing"),
    ],
)
def test_a_status_that_its_postings_do_not_bear_out_is_named(status: str, kinds: list[str], has: str) -> None:
    row = opened(status=status, amount=5)
    for kind in kinds:
        pair = (
            [Leg("losses", -5), Leg("fees", 5)] if kind != "settle" else [Leg("fees", -5), Leg("losses", 5)]
        )
        with transaction.atomic():
            post(transaction_id=row.pk, kind=kind, source_key=f"{kind}:{row.pk}", legs=pair)
    [(name, detail)] = wrong().items()
    assert name == "transactions_match_postings"
    assert detail.split("; ")[0] == f"transaction {row.public_id} (sweep) is {status} with {has}"


def test_an_amount_that_was_not_moved_is_named() -> None:
    row = opened(amount=9, status="completed")
    with transaction.atomic():
        legs = [Leg("losses", -5), Leg("fees", 5)]
        post(transaction_id=row.pk, kind="post", source_key="less", legs=legs)
    found = wrong()
    assert list(found) == ["transactions_match_postings"]
    assert row.public_id in found["transactions_match_postings"]


def test_a_hold_that_did_not_end_whole_is_named() -> None:
    row = opened(amount=5, status="completed")
    with transaction.atomic():
        for kind, units in (("hold", 5), ("settle", 4)):
            legs = [Leg("losses", -units), Leg("fees", units)]
            post(transaction_id=row.pk, kind=kind, source_key=kind, legs=legs)
    assert row.public_id in wrong()["transactions_match_postings"]


def test_a_balance_that_was_changed_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wallets_ledgeraccount SET balance = 9, entry_count = 1 WHERE kind = 'fees'")
    found = wrong()
    assert found["balances_equal_entries"] == "fees: balance 9, entries 0"
    assert "contra_equals_all_others" in found


def test_a_number_of_entries_that_was_changed_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wallets_ledgeraccount SET entry_count = 1 WHERE kind = 'fees'")
    assert wrong() == {"balances_equal_entries": "fees: counts 1 entries, has 0"}


def test_a_checkpoint_that_is_off_is_named() -> None:
    from wallets.models import Checkpoint

    rich_user(1)
    entry = Entry.objects.select_related("account").filter(section=0).first()
    Checkpoint.objects.create(account_id=entry.account_id, section=9, entry_id=entry.pk, balance=1)
    found = wrong()
    assert list(found) == ["checkpoints_equal_entries"]
    assert found["checkpoints_equal_entries"].startswith(
        f"{entry.account.key} at entry {entry.pk}: 1, entries "
    )


def test_a_checkpoint_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    user = rich_user(5)
    account = LedgerAccount.objects.get(key=f"user:{user.public_id}:available")
    parts = [Part(account.pk, 1, PLAIN, account.balance, 1, 1)]
    monkeypatch.setattr(
        accounts, "parts_by_account", lambda: groupby(parts, key=lambda part: part.account_id)
    )
    assert "no checkpoint before section 1" in wrong()["checkpoints_equal_entries"]


@pytest.mark.parametrize(("kind", "what"), [("reserved", "open holds"), ("pending", "pending rewards")])
def test_tokens_that_wait_for_nothing_are_named(kind: str, what: str) -> None:
    user = rich_user(5)
    row = opened(amount=2, status="completed", sender=user.wallet)
    legs = [Leg(f"user:{user.public_id}:available", -2), Leg(f"user:{user.public_id}:{kind}", 2)]
    with transaction.atomic():
        post(transaction_id=row.pk, kind="post", source_key="stray", legs=legs)
    named = f"wallet {user.wallet.public_id}: {kind} 2, {what} 0"
    assert wrong() == {"holds_and_rewards_match_accounts": named}


def test_problems_are_counted_and_the_first_ones_told() -> None:
    rows = [opened(status="completed") for _ in range(SHOWN + 3)]
    detail = wrong()["transactions_match_postings"]
    assert detail.count("transaction ") == SHOWN
    assert detail.endswith(" and 3 more")
    assert rows[0].public_id in detail


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_so_and_exits() -> None:
    assert "ok" in run("reconcile")
    told = json.loads(run("reconcile", "--json"))
    assert told["ok"] is True
    assert [check["name"] for check in told["checks"]] == LEDGER_CHECKS

    register_check("chain", lambda: CheckResult("chain", CheckStatus.UNKNOWN, "no node"))
    assert json.loads(run("reconcile", "--json"))["ok"] is True
    register_check("broken", lambda: CheckResult("broken", CheckStatus.WRONG, "it is"))
    with pytest.raises(SystemExit) as stopped:
        run("reconcile")
    assert stopped.value.code == 1


def test_fund_pool_moves_what_it_is_told() -> None:
    assert "12.5 OGC to mining_pool" in run("fund_pool", "--pool", "mining_pool", "--amount", "12.5")
    assert account_balance("mining_pool") == ogc(1_000_012.5)
    for amount, code in (("600000000", "INVALID_AMOUNT"), ("499999999", "INSUFFICIENT_BALANCE")):
        with pytest.raises(CommandError, match=code):
            run("fund_pool", "--amount", amount)


def test_the_faucet_finds_people_by_address() -> None:
    user = UserFactory(email="new@example.org", unverified=True)
    with override_settings(DEBUG=True):
        run("faucet", "--user", "New@example.org", "--amount", "3")
        with pytest.raises(CommandError, match="no user"):
            run("faucet", "--user", "nobody@example.org", "--amount", "3")
    assert balance_of(user) == ogc(3)
    with pytest.raises(CommandError, match="PERMISSION_DENIED"):
        run("faucet", "--user", "new@example.org", "--amount", "3")


def test_a_wallet_that_is_no_party_of_what_moved_it_is_named() -> None:
    giver, receiver, third = rich_user(5), rich_user(0), rich_user(0)
    with transaction.atomic():
        draft = TransactionDraft(
            type="transfer", amount=3, sender_pk=giver.wallet.pk, recipient_pk=receiver.wallet.pk
        )
        keys = [user_account_key(user.public_id, "available") for user in (giver, third)]
        legs = [Leg(keys[0], -3), Leg(keys[1], 3)]
        post(transaction_id=transaction_open(draft), kind="post", source_key="astray", legs=legs)
    assert wrong() == {
        "transactions_match_postings": f"transaction {draft.public_id} moves the wallet with row number "
        f"{third.wallet.pk}, which is no party"
    }


def settled_hold() -> tuple[int, str]:
    """Row number and public id of the transaction of a hold that was settled in part."""
    user = rich_user(5)
    draft = TransactionDraft(type="subscription", status="pending", amount=9, sender_pk=user.wallet.pk)
    pk = hold_open(draft=draft, user_id=user.public_id, amount=9, purpose=HoldPurpose.CHECKOUT)
    hold_settle(transaction_pk=pk, to=[Leg("subscription_revenue", 7)])
    return pk, draft.public_id


def test_a_hold_that_says_other_than_its_postings_is_named() -> None:
    pk, _ = settled_hold()
    assert wrong() == {}
    Hold.objects.filter(transaction_id=pk).update(settled=6, voided=3)
    found = wrong()
    assert list(found) == ["transactions_match_postings"]
    assert (
        "[9, 6, 3] held, settled, voided; its postings moved [9, 7, 2]"
        in found["transactions_match_postings"]
    )


def reversed_transfer() -> tuple[str, str]:
    """Public ids of a transfer and of what reversed it."""
    giver, receiver = rich_user(5), rich_user(0)
    moved = transfer_settle(actor=actor_for(giver), to=receiver.public_id, amount=3).id
    outcome = reversal_request(actor=actor_for(staff("finance")), transaction_id=moved, reason="Stolen")
    return moved, outcome.transaction_id


def test_a_reversed_transaction_that_says_it_is_not_is_named() -> None:
    original, reversal = reversed_transfer()
    assert wrong() == {}
    Transaction.objects.filter(public_id=original).update(status="completed")
    assert wrong() == {
        "transactions_match_postings": f"transaction {original} is not reversed, "
        f"though {reversal} reversed it"
    }


def test_a_reversed_transaction_that_nothing_reversed_is_named() -> None:
    pk, name = settled_hold()
    Transaction.objects.filter(pk=pk).update(status="reversed")
    assert wrong() == {
        "transactions_match_postings": f"transaction {name} is reversed, but nothing reversed it"
    }


def test_a_reversal_that_is_no_mirror_is_named() -> None:
    giver, receiver = rich_user(5), rich_user(0)
    moved = transfer_settle(actor=actor_for(giver), to=receiver.public_id, amount=3).id
    draft = TransactionDraft(
        type="reversal", amount=2, sender_pk=receiver.wallet.pk, recipient_pk=giver.wallet.pk
    )
    keys = [user_account_key(user.public_id, "available") for user in (receiver, giver)]
    with transaction.atomic():
        legs = [Leg(keys[0], -2), Leg(keys[1], 2)]
        post(transaction_id=transaction_open(draft), kind="reverse", source_key=f"reverse:{moved}", legs=legs)
    Transaction.objects.filter(public_id=moved).update(status="reversed")
    assert wrong() == {
        "transactions_match_postings": f"transaction {draft.public_id} is no mirror of {moved}"
    }
