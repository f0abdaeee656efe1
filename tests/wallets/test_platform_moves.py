"""Sweeps, losses and claims, as services and as commands; and rows written for what came before them."""

from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.services import actor_for
from governance.models import AuditRecord
from ogc.actors import SYSTEM, Actor
from ogc.errors import NotFound, PermissionDenied
from ogc.models import DomainEvent
from tests.factories.accounts import UserFactory
from tests.factories.governance import staff
from tests.factories.wallets import account_balance, balance_of, fill_account, ogc, rich_user
from wallets.errors import InsufficientBalance
from wallets.models import Reward, Transaction
from wallets.services.platform_moves import deposit_claim, loss_book, revenue_sweep
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.reversals import reversal_request

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

NOBODY = Actor(kind="user", user_id="018f0000-0000-7000-8000-000000000009", scopes=frozenset({"self"}))


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_revenue_is_swept_once_but_for_what_stays(assert_whole: Any) -> None:
    fill_account("fees", 10)
    treasury = account_balance("treasury")
    move = revenue_sweep(actor=SYSTEM, account="fees", source_key="may", keep=ogc(3))
    assert move.amount == ogc(7)
    assert (account_balance("fees"), account_balance("treasury")) == (ogc(3), treasury + ogc(7))
    assert revenue_sweep(actor=SYSTEM, account="fees", source_key="may") == move
    assert revenue_sweep(actor=SYSTEM, account="fees", source_key="june", keep=ogc(3)).transaction_id is None
    assert AuditRecord.objects.filter(action="ledger.sweep").count() == 1
    assert_whole()


def test_only_the_system_sweeps_and_only_revenue() -> None:
    fill_account("fees", 10)
    with pytest.raises(PermissionDenied):
        revenue_sweep(actor=NOBODY, account="fees", source_key="may")
    with pytest.raises(PermissionDenied):
        revenue_sweep(actor=SYSTEM, account="rewards_pool", source_key="may")
    assert account_balance("fees") == ogc(10)


def test_the_command_sweeps_once_a_day_and_says_before_what_it_would_do() -> None:
    fill_account("subscription_revenue", 10)
    words = ("sweep_revenue", "--account", "subscription_revenue", "--keep", "4")
    assert run(*words, "--dry-run") == "6 OGC of subscription_revenue would go to the treasury\n"
    assert account_balance("subscription_revenue") == ogc(10)
    first = run(*words)
    assert run("sweep_revenue", "--account", "subscription_revenue") == first
    assert account_balance("subscription_revenue") == ogc(4)
    assert run(*words, "--key", "more") == "nothing of subscription_revenue to move\n"
    with pytest.raises(CommandError, match="INVALID_AMOUNT"):
        run("sweep_revenue", "--account", "fees", "--keep", "-1")


def test_a_loss_is_booked_once(assert_whole: Any) -> None:
    fill_account("unclaimed_deposits", 10, "onchain_hot")
    words = ("book_loss", "--to", "onchain_hot", "--amount", "2", "--key", "reorg-1", "--reason", "reorg")
    assert run(*words, "--dry-run") == "would book 2 OGC from losses to onchain_hot\n"
    assert account_balance("losses") == 0
    first = run(*words)
    assert run(*words) == first
    assert (account_balance("losses"), account_balance("onchain_hot")) == (-ogc(2), -ogc(8))
    record = AuditRecord.objects.get(action="ledger.loss")
    assert (record.target_id, record.reason) == ("onchain_hot", "reorg")
    with pytest.raises(CommandError, match="INSUFFICIENT_BALANCE"):
        run("book_loss", "--to", "onchain_hot", "--amount", "9", "--key", "reorg-2", "--reason", "reorg")
    for to in ("losses", "nothing"):
        with pytest.raises(NotFound):
            loss_book(actor=SYSTEM, to_account=to, amount=1, source_key="x", reason="x")
    with pytest.raises(PermissionDenied):
        loss_book(actor=NOBODY, to_account="fees", amount=1, source_key="x", reason="x")
    assert Transaction.objects.filter(type="loss").count() == 1
    assert_whole()


def claim(user_id: str, amount: float, key: str = "tx:1", actor: Actor = SYSTEM) -> str:
    return deposit_claim(
        actor=actor, user_id=user_id, amount=ogc(amount), source_key=key, reference="tx:0x01"
    )


def test_a_deposit_is_claimed_once(assert_whole: Any) -> None:
    fill_account("unclaimed_deposits", 10, "onchain_hot")
    ann, bob = UserFactory(), UserFactory()
    first = claim(ann.public_id, 4)
    assert claim(bob.public_id, 4) == first
    assert (balance_of(ann), balance_of(bob)) == (ogc(4), 0)
    assert DomainEvent.objects.get(name="wallets.deposit_claimed").payload["user_id"] == ann.public_id
    with pytest.raises(InsufficientBalance):
        claim(bob.public_id, 7, "tx:2")
    with pytest.raises(NotFound):
        claim(NOBODY.user_id or "", 1, "tx:3")
    with pytest.raises(PermissionDenied):
        claim(bob.public_id, 1, "tx:4", NOBODY)
    assert Transaction.objects.filter(type="claim").count() == 1
    assert_whole()


def test_a_claim_that_was_reversed_can_be_claimed_again(assert_whole: Any) -> None:
    fill_account("unclaimed_deposits", 10, "onchain_hot")
    ann, bob, finance = UserFactory(), UserFactory(), actor_for(staff("finance"))
    for user, other in ((ann, bob), (bob, ann), (ann, bob)):
        claimed = claim(user.public_id, 4)
        assert claim(other.public_id, 4) == claimed
        assert (balance_of(user), balance_of(other)) == (ogc(4), 0)
        assert account_balance("unclaimed_deposits") == ogc(6)
        reversal_request(actor=finance, transaction_id=claimed, reason="Somebody else's")
        assert (balance_of(user), account_balance("unclaimed_deposits")) == (0, ogc(10))
    assert Transaction.objects.filter(type="claim", status="reversed").count() == 3
    assert_whole()


def test_rows_are_written_for_rewards_of_before() -> None:
    """The data migration on transactions that have no row; a second run writes nothing more."""
    user = rich_user(0)
    for status in ("pending", "completed"):
        draft = TransactionDraft(
            type="reward", status=status, amount=ogc(1), recipient_pk=user.wallet.pk, reference="challenge:x"
        )
        post(
            transaction_id=transaction_open(draft),
            kind="post",
            source_key=f"reward:{draft.public_id}",
            legs=(Leg("rewards_pool", -ogc(1)), Leg(f"user:{user.public_id}:pending", ogc(1))),
        )
    migration = import_module("wallets.migrations.0008_holds_and_rewards")
    for _ in range(2):
        migration.rewards_write(apps, connection.schema_editor())
        migration.holds_write(apps, connection.schema_editor())
    rows = Reward.objects.order_by("pk").values_list("status", "source", "amount")
    assert list(rows) == [("pending", "challenge", ogc(1)), ("released", "challenge", ogc(1))]
    assert all(row.public_id == row.transaction.public_id for row in Reward.objects.all())
