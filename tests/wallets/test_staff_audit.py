"""Every call of staff about money: what the audit trail says of it, and that refusals change nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from governance.models import Approval, AuditRecord
from ogc.actors import SYSTEM
from ogc.ids import uuid7
from tests.api_client import ApiClient
from tests.factories.accounts import admin_client
from tests.factories.governance import staff
from tests.factories.staff_money import adjust, grant, wallet_of, written
from tests.factories.staff_money import reverse as undo
from tests.factories.wallets import fill_account, ogc, rich_user
from wallets.models import Transaction, Wallet
from wallets.services.mining import mining_pay
from wallets.services.platform_moves import deposit_claim

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]
REASON = "Because"
ADD = "/admin/wallets/staffmove/add/"


@dataclass
class World:
    """Ann, what was paid to her, a member of staff who does it, and a second one."""

    api: ApiClient
    me: User
    second: User
    ann: User
    paid: str

    def post(self, path: str) -> Any:
        """A call of the API about Ann's wallet."""
        path = f"admin/wallets/{wallet_of(self.ann).public_id}/{path}"
        return self.api.as_user(self.me).post(path, {"reason": REASON})

    def form(self, **fields: Any) -> Any:
        """The admin site's form."""
        asked = {"wallet": self.ann.email, "how_much": "5", "reason": REASON, "key": uuid7(), **fields}
        return admin_client(self.me).post(ADD, asked)

    def act(self, action: str, row: Any, by: User | None = None) -> Any:
        """An action of the admin site."""
        page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist")
        body = {"action": action, "_selected_action": [row.pk], "reason": REASON}
        return admin_client(by or self.me).post(page, body)

    def approve(self, asked: Any) -> Any:
        """The second person lets it happen."""
        path = f"admin/approvals/{asked.json()['approval']['id']}/approve"
        return self.api.as_stepped_up(self.second).post(path, {"reason": "Seen"})


@pytest.fixture
def world(api: ApiClient) -> World:
    me, second, ann = staff("super_admin"), staff("super_admin"), rich_user(300)
    fill_account("fees", 20)
    fill_account("unclaimed_deposits", 30)
    return World(api, me, second, ann, pay(api, ann, 5))


def pay(api: ApiClient, to: User, amount: int) -> str:
    """Somebody gives so much; returns the transaction."""
    body = {"to": to.public_id, "amount": str(amount)}
    answer = api.as_stepped_up(rich_user(amount)).post("wallet/transfer", body, key=uuid7())
    return str(answer.json()["id"])


def api_of(world: World) -> ApiClient:
    return world.api.as_user(world.me)


def paid_row(world: World) -> Transaction:
    return Transaction.objects.get(public_id=world.paid)


Call = Callable[[World], Any]
MOVES: dict[str, tuple[Call, str]] = {
    "api adjust": (lambda w: adjust(api_of(w), w.ann, "-5", REASON), "wallet.adjust"),
    "api reward": (lambda w: grant(api_of(w), w.ann, "5", REASON), "reward.grant"),
    "api reverse": (lambda w: undo(api_of(w), w.paid, REASON), "wallet.reverse"),
    "site adjust": (lambda w: w.form(kind="adjustment"), "wallet.adjust"),
    "site reward": (lambda w: w.form(kind="reward"), "reward.grant"),
    "site reverse": (lambda w: w.act("undo", paid_row(w)), "wallet.reverse"),
}
APPROVED: dict[str, tuple[Call, str]] = {
    "adjust": (lambda w: adjust(api_of(w), w.ann, "150", REASON), "wallet.adjust"),
    "reward": (lambda w: grant(api_of(w), w.ann, "150", REASON), "reward.grant"),
    "reverse": (lambda w: undo(api_of(w), pay(w.api, w.ann, 150), REASON), "wallet.reverse"),
}
STATES: dict[str, tuple[Call, str, str, Any]] = {
    "api freeze": (lambda w: w.post("freeze"), "wallet.freeze", "status", ("active", "frozen")),
    "api unfreeze": (lambda w: w.post("unfreeze"), "wallet.unfreeze", "status", ("active", "active")),
    "site freeze": (
        lambda w: w.act("freeze", wallet_of(w.ann)), "wallet.freeze", "status", ("active", "frozen"),
    ),
    "site unfreeze": (
        lambda w: w.act("unfreeze", wallet_of(w.ann)), "wallet.unfreeze", "status", ("active", "active"),
    ),
    "site risk hold": (
        lambda w: w.act("hold_rewards", wallet_of(w.ann)), "wallet.risk_hold", "risk_held", (False, True),
    ),
    "site end of hold": (
        lambda w: w.act("release_rewards", wallet_of(w.ann)),
        "wallet.risk_release",
        "risk_held",
        (False, False),
    ),
}  # fmt: skip
COMMANDS: dict[str, tuple[Call, str]] = {
    "fund_pool": (
        lambda w: call_command("fund_pool", "--amount", "5", "--reason", REASON), "pool.fund",
    ),
    "sweep_revenue": (
        lambda w: call_command("sweep_revenue", "--account", "fees", "--keep", "15", "--reason", REASON),
        "ledger.sweep",
    ),
    "book_loss": (
        lambda w: call_command(
            "book_loss", "--to", "fees", "--amount", "5", "--key", "k", "--reason", REASON
        ),
        "ledger.loss",
    ),
    "faucet": (lambda w: call_command("faucet", "--user", w.ann.email, "--amount", "5"), "wallet.faucet"),
    "mining": (
        lambda w: mining_pay(actor=SYSTEM, day=date(2026, 5, 4), shares={w.ann.public_id: ogc(5)}),
        "mining.pay",
    ),
    "claim": (
        lambda w: deposit_claim(
            actor=SYSTEM, user_id=w.ann.public_id, amount=ogc(5), source_key="d", reference="tx:1",
            reason=REASON,
        ),
        "ledger.claim",
    ),
}  # fmt: skip
WITHOUT_REASON = {"faucet", "mining"}


def told(action: str) -> SimpleNamespace:
    """The one record of this action."""
    record = AuditRecord.objects.get(action=action)
    before, after = json.loads(record.before), json.loads(record.after)
    return SimpleNamespace(record=record, before=before, after=after)


def is_a_move_of(one: SimpleNamespace, amount: int) -> None:
    """The balances before and after are of the same accounts, and so much went from one to another."""
    before, after = one.before["balances"], one.after["balances"]
    assert before.keys() == after.keys()
    changes = sorted(after[key] - before[key] for key in before if after[key] != before[key])
    assert changes == [-amount, amount]


@pytest.mark.parametrize("name", MOVES)
def test_a_move_by_hand(world: World, name: str, assert_whole: Any) -> None:
    call, action = MOVES[name]
    call(world)
    one = told(action)
    assert (one.record.actor_id, one.record.reason) == (world.me.public_id, REASON)
    targets = {wallet_of(world.ann).public_id, world.ann.public_id, world.paid}
    assert one.record.target_id in targets
    is_a_move_of(one, ogc(5))
    assert Transaction.objects.filter(public_id=one.after["transaction"]).exists()
    assert_whole()


@pytest.mark.parametrize("name", APPROVED)
def test_a_move_that_a_second_person_lets_happen(world: World, name: str, assert_whole: Any) -> None:
    call, action = APPROVED[name]
    asked = call(world)
    assert not AuditRecord.objects.filter(action=action).exists()
    request = told("approvals.requested")
    assert (request.record.actor_id, request.record.reason) == (world.me.public_id, REASON)
    assert world.approve(asked).status_code == 200
    one, decision = told(action), told("approvals.approved")
    approval = Approval.objects.get().public_id
    assert one.record.actor_id == decision.record.actor_id == world.second.public_id
    assert (one.after["requested_by"], one.after["approval"]) == (world.me.public_id, approval)
    assert (decision.before["status"], decision.after["status"]) == ("pending", "approved")
    assert (one.record.reason, decision.record.reason) == (REASON, "Seen")
    is_a_move_of(one, ogc(150))
    assert_whole()


def test_asking_for_the_same_again_is_audited_as_no_change(world: World) -> None:
    undo_large = adjust(api_of(world), world.ann, "99", REASON).json()["id"]
    for _ in range(2):
        assert undo(api_of(world), undo_large, REASON).status_code == 202
    first, again = AuditRecord.objects.filter(action="approvals.requested").order_by("pk")
    assert (first.before, again.before) == ("{}", again.after)
    assert json.loads(again.after)["status"] == "pending"


@pytest.mark.parametrize("name", STATES)
def test_a_change_of_what_a_wallet_may_do_and_the_same_again(world: World, name: str) -> None:
    call, action, fact, change = STATES[name]
    for _ in range(2):
        call(world)
    records = AuditRecord.objects.filter(action=action).order_by("pk")
    assert [(row.actor_id, row.target_id, row.reason) for row in records] == [
        (world.me.public_id, wallet_of(world.ann).public_id, REASON)
    ] * 2
    facts = [(json.loads(row.before)[fact], json.loads(row.after)[fact]) for row in records]
    assert facts == [change, (change[1], change[1])]
    assert records[1].before == records[1].after


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_or_the_system(world: World, settings: Any, name: str, assert_whole: Any) -> None:
    settings.DEBUG = True
    call, action = COMMANDS[name]
    last = AuditRecord.objects.latest("pk").pk
    call(world)
    record = AuditRecord.objects.get(action=action, pk__gt=last)
    one = SimpleNamespace(record=record, before=json.loads(record.before), after=json.loads(record.after))
    assert (record.actor_kind, record.reason) == ("system", "" if name in WITHOUT_REASON else REASON)
    assert record.target_id
    assert one.after["amount"] == ogc(5)
    if name == "mining":
        assert one.before["balances"]["mining_pool"] - one.after["balances"]["mining_pool"] == ogc(5)
    else:
        is_a_move_of(one, ogc(5))
    assert_whole()


@pytest.mark.parametrize("name", [*MOVES, *STATES])
def test_what_is_refused_changes_nothing(world: World, name: str) -> None:
    """Nothing enters or leaves a closed wallet, and it is neither frozen nor held."""
    Wallet.objects.filter(user=world.ann).update(status="closed")
    admin_client(world.me)

    def state() -> list[Any]:
        # Without audit records and events: signing in to the admin site writes some.
        rows, balances = written()[:5], written()[7:]
        wallets = list(Wallet.objects.order_by("pk").values_list("status", "freeze_cause", "risk_held_at"))
        return [rows, balances, wallets]

    before = state()
    (MOVES | STATES)[name][0](world)
    assert state() == before
    by_me = AuditRecord.objects.filter(actor_id=world.me.public_id, reason=REASON)
    assert not by_me.exists()
