"""Lazy accounts under real connections: nobody waits who need not, and nothing is lost or counted twice,
whoever folds, dies or commits late."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import User
from accounts.services.seed import plans_seed
from ogc.actors import SYSTEM, Actor
from tests.concurrency.test_money import at_once
from tests.concurrency.waiting import wait_until_somebody_waits
from tests.factories.wallets import account_balances, balance_of, make_lazy, ogc, rich_user
from wallets.constants import PostingKind
from wallets.errors import InsufficientBalance, RecipientNotFound
from wallets.locks import lock_accounts, lock_wallet
from wallets.models import LedgerAccount, UnfoldedEntry, Wallet
from wallets.selectors import transactions_for_user
from wallets.services.closing import wallet_close, wallet_obligations
from wallets.services.lazy import lazy_accounts_fold
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.seed import seed
from wallets.services.transfers import transfer_settle
from wallets.services.wallets import wallet_freeze, wallet_unfreeze

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.concurrency]


@pytest.fixture(autouse=True)
def _money(transactional_db: None) -> Iterator[None]:
    plans_seed()
    seed(debug=True)
    yield
    for _ in range(2):
        wrong = [result for result in reconcile() if result.status == CheckStatus.WRONG]
        assert not wrong, wrong
        lazy_accounts_fold()
    assert not UnfoldedEntry.objects.exists()
    assert sum(account_balances().values()) == 0


def pay(giver: User, receiver: User, amount: float) -> Any:
    actor = Actor(kind="user", user_id=giver.public_id, scopes=frozenset({"self"}))
    return transfer_settle(actor=actor, to=receiver.public_id, amount=ogc(amount))


def key_of(user: User) -> str:
    return f"user:{user.public_id}:available"


class Session:
    """A transaction on a connection of its own that stays open until it is told to end."""

    def __init__(self, pool: ThreadPoolExecutor, work: Callable[[], Any]) -> None:
        self.done, self.end = Event(), Event()
        self.fails = False
        self.future: Future[None] = pool.submit(self._run, work)

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            with transaction.atomic():
                work()
                self.done.set()
                assert self.end.wait(30)
                if self.fails:
                    transaction.set_rollback(True)
        finally:
            connection.close()

    def opened(self) -> "Session":
        assert self.done.wait(30)
        return self

    def finish(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.end.set()
        self.future.result(30)


@pytest.fixture
def sessions() -> Iterator[Callable[[Callable[[], Any]], Session]]:
    with ThreadPoolExecutor(8) as pool:
        yield lambda work: Session(pool, work)


def seconds(work: Callable[[], Any]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def test_a_credit_does_not_wait_for_the_row(sessions: Any) -> None:
    ann, pop = rich_user(10), rich_user(5)
    make_lazy(pop)
    debit = sessions(lambda: pay(pop, ann, 1)).opened()
    bob = rich_user(10)
    assert seconds(lambda: pay(bob, pop, 2)) < 5
    debit.finish()
    assert balance_of(pop) == ogc(6)


def test_credits_do_not_wait_for_each_other_and_folding_waits_for_none(sessions: Any) -> None:
    people, pop = [rich_user(10) for _ in range(4)], rich_user(5)
    make_lazy(pop)
    late = [sessions(lambda user=user: pay(user, pop, 1)).opened() for user in people[:3]]
    pay(people[3], pop, 2)
    assert seconds(lazy_accounts_fold) < 5
    assert LedgerAccount.objects.get(key=key_of(pop)).balance == ogc(7)
    # A debit relies on what is committed, and waits for nobody who only credits.
    assert seconds(lambda: pay(pop, people[3], 7)) < 5
    with pytest.raises(InsufficientBalance):
        pay(pop, people[3], 0.001)
    late[0].finish()
    pay(pop, people[3], 1)
    late[1].finish(fails=True)
    late[2].finish()
    assert balance_of(pop) == ogc(1)


def test_a_credit_that_commits_late_leaves_no_running_balance_below_zero(sessions: Any) -> None:
    """Its number is lower than that of the debit that did not see it: counted before it, it only adds."""
    ann, bob, pop = rich_user(50), rich_user(50), rich_user(3)
    make_lazy(pop)
    late = sessions(lambda: pay(ann, pop, 4)).opened()
    for _ in range(20):
        pay(bob, pop, 1)
        pay(pop, bob, 1)
    pay(pop, bob, 3)
    late.finish()
    for _ in range(2):
        views = transactions_for_user(pop.public_id, limit=100)
        after = [entry.balance_after for view in views for entry in view.entries]
        assert len(after) == 43
        assert min(after) >= 0
        assert balance_of(pop) == ogc(4)
        lazy_accounts_fold()


def test_two_folders_at_once_fold_each_entry_once() -> None:
    givers, pop = [rich_user(100) for _ in range(4)], rich_user(0)
    make_lazy(pop)
    for turn in range(60):
        pay(givers[turn % 4], pop, 0.5)
    waiting = UnfoldedEntry.objects.count()
    folded = at_once(lambda _: lazy_accounts_fold(), 6)
    assert sum(folded) == waiting
    row = LedgerAccount.objects.get(key=key_of(pop))
    assert (row.balance, row.entry_count) == (ogc(30), 60)


def test_a_folder_that_dies_before_its_commit_has_done_nothing() -> None:
    ann, pop = rich_user(10), rich_user(0)
    make_lazy(pop)
    for _ in range(5):
        pay(ann, pop, 1)

    def die() -> None:
        try:
            with transaction.atomic():
                pay(pop, ann, 1)
                assert not UnfoldedEntry.objects.filter(account__key=key_of(pop)).exists()
                with connection.cursor() as cursor, pytest.raises(OperationalError):
                    cursor.execute("KILL CONNECTION CONNECTION_ID()")
                transaction.set_rollback(True)
        except OperationalError:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(die).result()
    row = LedgerAccount.objects.get(key=key_of(pop))
    assert (row.balance, row.entry_count, balance_of(pop)) == (0, 0, ogc(5))
    lazy_accounts_fold()
    row.refresh_from_db()
    assert (row.balance, row.entry_count) == (ogc(5), 5)


def test_what_a_debit_waited_for_is_counted_once(sessions: Any) -> None:
    """The second one asks while the first, which folds, is still open; both see all that was there."""
    ann, bob, cyd, pop = rich_user(10), rich_user(0), rich_user(0), rich_user(1)
    make_lazy(pop)
    pay(ann, pop, 4)
    first = sessions(lambda: pay(pop, bob, 2)).opened()
    pay(ann, pop, 1)
    with ThreadPoolExecutor(1) as pool:

        def second() -> Any:
            try:
                with pytest.raises(InsufficientBalance):
                    pay(pop, cyd, 4.001)
                return pay(pop, cyd, 1)
            finally:
                connection.close()

        paying = pool.submit(second)
        wait_until_somebody_waits()
        first.finish()
        assert paying.result(20).entries[0].balance_after == ogc(3)
    assert LedgerAccount.objects.get(key=key_of(pop)).balance == ogc(3)


def test_what_commits_between_the_lock_and_the_entry_is_folded_too(sessions: Any) -> None:
    """Credits that are open all the while are neither waited for nor folded."""
    ann, bob, pop = rich_user(50), rich_user(50), rich_user(0)
    make_lazy(pop)
    late = [sessions(lambda: pay(ann, pop, 8)).opened()]
    pay(bob, pop, 3)

    def debit() -> None:
        locked = lock_accounts((key_of(pop), key_of(bob)))
        assert locked[key_of(pop)].balance == ogc(3)
        late.append(sessions(lambda: pay(rich, pop, 7)).opened())
        sessions(lambda: pay(other, pop, 2)).opened().finish()
        draft = TransactionDraft(
            type="transfer", amount=ogc(1), sender_pk=pop.wallet.pk, recipient_pk=bob.wallet.pk
        )
        post(
            transaction_id=transaction_open(draft),
            kind=PostingKind.POST,
            source_key=f"transfer:{draft.public_id}",
            legs=(Leg(key_of(pop), -ogc(1)), Leg(key_of(bob), ogc(1))),
            locked=locked,
        )

    rich, other = rich_user(10), rich_user(10)
    assert seconds(lambda: sessions(debit).opened().finish()) < 5
    row = LedgerAccount.objects.get(key=key_of(pop))
    assert (row.balance, row.entry_count) == (ogc(4), 3)
    assert UnfoldedEntry.objects.filter(account=row).count() == 0
    late[0].finish()
    late[1].finish(fails=True)
    assert balance_of(pop) == ogc(12)
    views = transactions_for_user(pop.public_id, limit=100)
    assert min(entry.balance_after for view in views for entry in view.entries) >= 0


def test_credits_debits_and_folders_at_once() -> None:
    """Everybody pays the popular ones and each other, who pay too; some become lazy on the way."""
    people = [rich_user(20) for _ in range(6)]
    make_lazy(people[0])

    def act(number: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        dice = random.Random(number)
        for turn in range(12):
            if number < 2:
                lazy_accounts_fold()
                # Spreads the folds over the time of the transfers; what is asserted holds without it.
                time.sleep(0.02)
                continue
            if number == 2 and turn == 5:
                make_lazy(people[1], people[2])
            giver, receiver = dice.sample(range(6), 2)
            if dice.random() < 0.5 and giver != 0:
                receiver = 0
            try:
                pay(people[giver], people[receiver], dice.randint(1, 9000) / 1000)
                seen["done"] += 1
            except InsufficientBalance:
                seen["refused"] += 1
        return seen

    seen = sum(at_once(act, 20), Counter())
    assert seen["done"] + seen["refused"] == 18 * 12
    assert seen["done"] > 60
    balances = [balance_of(user) for user in people]
    assert sum(balances) == ogc(120)
    assert min(balances) >= 0
    for user in people:
        views = transactions_for_user(user.public_id, limit=300)
        assert all(entry.balance_after >= 0 for view in views for entry in view.entries)


def test_a_freeze_waits_for_credits_and_credits_go_on(sessions: Any) -> None:
    ann, bob, pop = rich_user(10), rich_user(10), rich_user(0)
    make_lazy(pop)
    wallet_id = pop.wallet.public_id
    credit = sessions(lambda: pay(ann, pop, 1)).opened()
    with ThreadPoolExecutor(1) as pool:

        def freeze() -> None:
            try:
                wallet_freeze(actor=SYSTEM, wallet_id=wallet_id, reason="test")
            finally:
                connection.close()

        freezing = pool.submit(freeze)
        wait_until_somebody_waits()
        credit.finish()
        freezing.result(20)
    pay(bob, pop, 1)
    assert balance_of(pop) == ogc(2)
    wallet_unfreeze(actor=SYSTEM, wallet_id=wallet_id, reason="test")


def test_closing_sees_credits_under_way_and_later_ones_see_it_closed(sessions: Any) -> None:
    ann, bob, pop, gone = rich_user(10), rich_user(10), rich_user(0), rich_user(0)
    make_lazy(pop, gone)
    credit = sessions(lambda: pay(ann, pop, 1)).opened()
    with ThreadPoolExecutor(2) as pool:

        def obligations() -> list[Any]:
            try:
                return wallet_obligations(pop.pk)
            finally:
                connection.close()

        asked = pool.submit(obligations)
        wait_until_somebody_waits()
        credit.finish()
        assert [one.amount for one in asked.result(20)] == ["1"]

        def close() -> None:
            lock_wallet(Wallet.objects.filter(user=gone))
            wallet_close(gone.pk)

        closing = sessions(close).opened()

        def late_credit() -> None:
            try:
                pay(bob, gone, 1)
            finally:
                connection.close()

        paying = pool.submit(late_credit)
        wait_until_somebody_waits()
        closing.finish()
        with pytest.raises(RecipientNotFound):
            paying.result(20)
    assert balance_of(gone) == 0
