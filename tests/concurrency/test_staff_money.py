"""Staff at many connections at once: the threshold holds, nothing is undone twice, no circle of waits."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction
from django.db.models import Sum
from django.urls import reverse as reverse_url

from accounts.models import User
from governance.models import Approval
from ogc.api import idempotency
from ogc.ids import uuid7
from tests.api_client import ApiClient, error_code
from tests.concurrency.waiting import wait_until_somebody_waits
from tests.factories.accounts import admin_client
from tests.factories.governance import staff
from tests.factories.staff_money import adjust, grant, reverse, wallet_of
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.api import views
from wallets.models import StaffMove, Transaction

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.concurrency,
    pytest.mark.usefixtures("whole_ledger"),
]


def client(user: User, *, stepped_up: bool = False) -> ApiClient:
    return ApiClient().as_stepped_up(user) if stepped_up else ApiClient().as_user(user)


def at_once(calls: list[Callable[[], Any]]) -> Counter[Any]:
    """How often each answer was given to these calls, all started at the same instant."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(30)
        try:
            response = call()
            return response.status_code if response.status_code < 400 else error_code(response)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


@pytest.mark.parametrize("round_number", range(3))
def test_parallel_small_steps_do_not_get_around_the_second_person(round_number: int) -> None:
    me = client(staff("super_admin"))
    users = [rich_user(10) for _ in range(16)]
    steps = [adjust if number % 2 else grant for number in range(16)]
    calls = [lambda s=step, u=user: s(me, u, "30") for step, user in zip(steps, users, strict=True)]
    assert at_once(calls) == {201: 3, 202: 13}
    assert StaffMove.objects.aggregate(total=Sum("amount"))["total"] == ogc(90)
    assert (StaffMove.objects.count(), Approval.objects.count()) == (3, 13)


@pytest.mark.parametrize("approves", [False, True], ids=["alone", "while one is approved"])
def test_nor_do_all_kinds_and_both_doors_at_once(approves: bool) -> None:
    """Adjustments both ways, rewards and reversals, from two sessions and the admin site, of many wallets."""
    me = staff("super_admin")
    users = [rich_user(60) for _ in range(8)]
    pay = {"to": users[0].public_id, "amount": "30"}
    paid = [client(user).post("wallet/transfer", pay, key=uuid7()).json()["id"] for user in users[1:5]]
    asked = adjust(client(me), users[6], "150").json()["approval"]["id"]
    one, other, site = client(me), client(me), admin_client(me)
    page = reverse_url("admin:wallets_transaction_changelist")
    rows = [Transaction.objects.get(public_id=name).pk for name in paid]

    def form(user: User, kind: str) -> Any:
        asked = {"kind": kind, "wallet": user.email, "how_much": "30", "reason": "r", "key": uuid7()}
        return site.post("/admin/wallets/staffmove/add/", asked)

    def undo(pk: int) -> Any:
        return site.post(page, {"action": "undo", "_selected_action": [pk], "reason": "r"})

    calls: list[Callable[[], Any]] = [
        *(lambda u=user: adjust(one, u, "30") for user in users[:3]),
        *(lambda u=user: adjust(other, u, "-30") for user in users[5:8]),
        *(lambda u=user: grant(other, u, "30") for user in users[:3]),
        *(lambda name=name: reverse(one, name) for name in paid[:2]),
        *(lambda pk=pk: undo(pk) for pk in rows[2:]),
        *(lambda u=user: form(u, "adjustment") for user in users[3:5]),
        lambda: form(users[7], "reward"),
    ]
    if approves:
        second = client(staff("super_admin"), stepped_up=True)
        calls.append(lambda: second.post(f"admin/approvals/{asked}/approve", {"reason": "r"}))
    answers = at_once(calls)
    assert set(answers) <= {200, 201, 202, 302}
    # Each move is written under the lock of the person's row, so the rows are in the order of the moves.
    moves = list(StaffMove.objects.order_by("pk").values_list("amount", "approval_id"))
    total = 0
    for amount, approval_id in moves:
        total += amount
        assert approval_id or total < ogc(100)
    alone = [amount for amount, approval_id in moves if not approval_id]
    assert len(alone) <= 3 if approves else len(alone) == 3
    assert [amount for amount, approval_id in moves if approval_id] == [ogc(150)] * approves
    assert Approval.objects.filter(status="pending").count() == 16 - len(alone) + (not approves)


def test_what_was_moved_is_counted_by_one_at_a_time() -> None:
    """Nothing but the row of the person keeps these apart: everybody in them is somebody else."""
    me = staff("super_admin")
    api, paid = client(me), []
    for _ in range(8):
        body = {"to": rich_user(0).public_id, "amount": "30"}
        paid.append(client(rich_user(30)).post("wallet/transfer", body, key=uuid7()).json()["id"])
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=me.pk)
            answers = pool.submit(at_once, [lambda one=one: reverse(api, one) for one in paid])
            wait_until_somebody_waits(many=len(paid))
        assert answers.result(60) == {201: 3, 202: 5}


def test_ones_own_wallets_do_not_wait_for_each_other_in_a_circle() -> None:
    ann, bob = staff("super_admin"), staff("super_admin")
    mine, theirs = client(ann), client(bob)
    calls = [lambda: adjust(mine, bob, "1"), lambda: adjust(theirs, ann, "1")] * 8
    assert at_once(calls) == {201: 16}
    assert (balance_of(ann), balance_of(bob)) == (ogc(8), ogc(8))


def test_a_transaction_is_undone_by_one_of_many() -> None:
    ann, bob = rich_user(10), rich_user(10)
    body = {"to": bob.public_id, "amount": "4"}
    paid = client(ann).post("wallet/transfer", body, key=uuid7()).json()["id"]
    people = [client(staff("finance")) for _ in range(12)]
    answers = at_once([lambda p=person: reverse(p, paid) for person in people])
    assert answers == {201: 1, "ALREADY_REVERSED": 11}
    assert Transaction.objects.filter(type="reversal").count() == 1
    assert (balance_of(ann), balance_of(bob)) == (ogc(10), ogc(10))


def test_two_who_approve_for_each_other_both_get_through() -> None:
    ann, bob, user = staff("finance"), staff("finance"), rich_user(0)
    people = [client(person, stepped_up=True) for person in (ann, bob)]
    for _ in range(4):
        asked = [adjust(person, user, "150").json()["approval"]["id"] for person in people]
        paths = [f"admin/approvals/{one}/approve" for one in reversed(asked)]
        calls = [
            lambda p=person, path=path: p.post(path, {"reason": "r"})
            for person, path in zip(people, paths, strict=True)
        ]
        answers = at_once(calls + [lambda p=person: adjust(p, user, "1") for person in people])
        assert set(answers) <= {200, 201, 202}
        assert answers[200] == 2
    moved = StaffMove.objects.aggregate(total=Sum("amount"))["total"]
    assert balance_of(user) == moved >= ogc(1200)


def test_an_approval_is_carried_out_by_one_of_many() -> None:
    user = rich_user(0)
    asked = adjust(client(staff("finance")), user, "150").json()["approval"]["id"]
    people = [client(staff("finance"), stepped_up=True) for _ in range(8)]
    calls = [
        lambda p=person: p.post(f"admin/approvals/{asked}/approve", {"reason": "r"}) for person in people
    ]
    assert at_once(calls) == {200: 1, "APPROVAL_NOT_PENDING": 7}
    assert (balance_of(user), StaffMove.objects.count()) == (ogc(150), 1)


@pytest.mark.parametrize("forgets", [False, True], ids=["redis stays", "redis forgets"])
def test_equal_calls_with_one_key_are_one_wish(monkeypatch: pytest.MonkeyPatch, forgets: bool) -> None:
    if forgets:
        monkeypatch.setattr(idempotency._Claim, "take", lambda claim: True)
    me, user = client(staff("super_admin")), rich_user(10)
    allowed = {201, 202} if forgets else {201, 202, "IDEMPOTENCY_IN_PROGRESS"}
    for step in (adjust, grant):
        for amount in ("30", "150"):
            key = uuid7()
            answers = at_once([lambda s=step, a=amount, k=key: s(me, user, a, key=k)] * 8)
            assert set(answers) <= allowed
    assert (StaffMove.objects.count(), Approval.objects.count()) == (2, 2)
    assert balance_of(user) == ogc(70)
    body = {"to": user.public_id, "amount": "4"}
    paid = client(rich_user(10)).post("wallet/transfer", body, key=uuid7()).json()["id"]
    key = uuid7()
    # Whoever comes second finds it undone, and must hear of the first one's success nonetheless.
    assert set(at_once([lambda: reverse(me, paid, key=key)] * 8)) <= allowed - {202}
    assert balance_of(user) == ogc(70)


def test_moves_by_hand_among_transfers_and_freezes() -> None:
    ann, bob, finance = rich_user(50), rich_user(50), client(staff("finance"))
    body = {"to": bob.public_id, "amount": "1"}
    paid = [client(ann).post("wallet/transfer", body, key=uuid7()).json()["id"] for _ in range(6)]
    path = f"admin/wallets/{wallet_of(ann).public_id}"
    back = {"to": ann.public_id, "amount": "1"}
    calls: list[Callable[[], Any]] = [lambda one=one: reverse(finance, one) for one in paid]
    calls += [lambda: client(ann).post("wallet/transfer", body, key=uuid7())] * 6
    calls += [lambda: client(bob).post("wallet/transfer", back, key=uuid7())] * 6
    calls += [lambda: adjust(finance, ann, "-1"), lambda: adjust(finance, bob, "1")] * 3
    for what in ("freeze", "unfreeze"):
        calls += [lambda w=what: finance.post(f"{path}/{w}", {"reason": "r"})] * 2
    answers = at_once(calls)
    assert set(answers) <= {200, 201, "WALLET_FROZEN"}
    by_hand = StaffMove.objects.count()
    transfers = Transaction.objects.filter(type="transfer").count() - len(paid)
    assert answers[201] == by_hand + transfers
    adjusted = Transaction.objects.filter(type="admin_adjust")
    given, taken = adjusted.filter(recipient__isnull=False), adjusted.filter(sender__isnull=False)
    assert balance_of(ann) + balance_of(bob) == ogc(100) + ogc(given.count()) - ogc(taken.count())


def test_what_the_database_gave_up_on_is_tried_again_with_the_same_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, bob, real, tries = rich_user(10), rich_user(0), views.transfer_request, []

    def deadlocked_once(**wish: Any) -> Any:
        tries.append(wish)
        if len(tries) == 1:
            raise OperationalError(1213, "Deadlock found when trying to get lock")
        return real(**wish)

    monkeypatch.setattr(views, "transfer_request", deadlocked_once)
    body = {"to": bob.public_id, "amount": "4", "memo": "Lunch"}
    assert client(ann).post("wallet/transfer", body, key=uuid7()).status_code == 201
    assert tries[0] == tries[1]
    assert balance_of(bob) == ogc(4)
