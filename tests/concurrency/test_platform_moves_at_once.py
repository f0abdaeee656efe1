"""What the platform moves by itself, sent twice at one moment: moved once, and all get the same answer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.services.seed import plans_seed
from governance.models import AuditRecord
from ogc.actors import SYSTEM
from ogc.models import DomainEvent
from tests.concurrency.test_money import at_once
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.models import Transaction
from wallets.services.escrows import escrow_fund
from wallets.services.platform_moves import deposit_claim, loss_book, revenue_sweep
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.seed import seed
from wallets.services.treasury import faucet_user, pool_fund

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.concurrency]

AT_ONCE = 12


@pytest.fixture(autouse=True)
def _money(settings: Any, transactional_db: None) -> Iterator[None]:
    settings.DEBUG = True
    plans_seed()
    seed(debug=True)
    for account in ("fees", "unclaimed_deposits"):
        lose(account, f"fill {account}")
    yield
    wrong = [result for result in reconcile() if result.status == CheckStatus.WRONG]
    assert not wrong, wrong


def lose(to: str, key: str = "reorg") -> Any:
    return loss_book(actor=SYSTEM, to_account=to, amount=ogc(5), source_key=key, reason="reorg")


def call_of(name: str) -> Callable[[], Any]:
    user_id, key = rich_user(1).public_id, "one"
    calls: dict[str, Callable[[], Any]] = {
        "lost by the treasury": lambda: lose("treasury"),
        "lost by a user": lambda: lose(f"user:{user_id}:available"),
        "sweep": lambda: revenue_sweep(actor=SYSTEM, account="fees", source_key=key),
        "claim": lambda: deposit_claim(
            actor=SYSTEM, user_id=user_id, amount=ogc(2), source_key=key, reference="tx:0x01"
        ),
        "pool": lambda: pool_fund(actor=SYSTEM, pool="rewards_pool", amount=ogc(2), source_key=key),
        "faucet": lambda: faucet_user(user_id=user_id, amount=ogc(2), source_key=key),
        "escrow": lambda: escrow_fund(actor=SYSTEM, challenge_id="c", amount=ogc(2)),
    }
    return calls[name]


@pytest.mark.parametrize(
    "name", ["lost by the treasury", "lost by a user", "sweep", "claim", "pool", "faucet", "escrow"]
)
def test_one_cause_is_booked_once_and_all_hear_of_it(name: str) -> None:
    if name == "escrow":
        pool_fund(actor=SYSTEM, pool="rewards_pool", amount=ogc(10))
    call, tables = call_of(name), (Transaction, AuditRecord, DomainEvent)
    before = [table.objects.count() for table in tables]
    answers = at_once(lambda _: call(), AT_ONCE)
    assert set(answers) == {answers[0]}
    grown = [table.objects.count() - count for table, count in zip(tables, before, strict=True)]
    assert grown[0] == 1
    assert max(grown) == 1


def test_the_faucet_without_a_key_gives_each_time() -> None:
    user = rich_user(1)
    at_once(lambda _: faucet_user(user_id=user.public_id, amount=ogc(1)), AT_ONCE)
    assert balance_of(user) == ogc(1 + AT_ONCE)


def test_sweeps_of_other_keys_take_what_is_there_once() -> None:
    treasury = account_balance("treasury")
    moves = at_once(
        lambda number: revenue_sweep(actor=SYSTEM, account="fees", source_key=str(number)), AT_ONCE
    )
    assert sorted(move.amount for move in moves) == [0] * (AT_ONCE - 1) + [ogc(5)]
    assert (account_balance("fees"), account_balance("treasury")) == (0, treasury + ogc(5))
