"""What an idempotency key remembers of calls that move money: exactly what api.md lists under Errors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from ogc import clock, redis
from ogc.api import idempotency
from ogc.jobs.entry import expire_idempotency_records
from ogc.models import IdempotencyRecord
from tests.api_client import ApiClient, error_code
from tests.factories.governance import policy, rule, staff
from tests.factories.staff_money import adjust, grant, reverse
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.constants import ADJUST_ACTION, REVERSE_ACTION
from wallets.models import StaffMove, Transaction, Wallet

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

KEY = "one-key"
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
NOBODY = "01905c9a-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Scene:
    """Ann has 10, Bob nothing; a super admin, whom no policy stops yet; `paid` went from Ann to Bob."""

    api: ApiClient
    settings: Any
    ann: User
    bob: User
    boss: User
    paid: str

    def send(self, amount: str = "1", **more: Any) -> Any:
        """Ann pays Bob."""
        body = {"to": self.bob.public_id, "amount": amount} | more
        return self.api.as_user(self.ann).post("wallet/transfer", body, key=KEY)

    def adjust(self, amount: str = "1", user: User | None = None) -> Any:
        """The boss gives to Ann."""
        return adjust(self.api.as_user(self.boss), user or self.ann, amount, key=KEY)

    def grant(self, amount: str = "1", user: User | None = None) -> Any:
        """The boss rewards Ann."""
        return grant(self.api.as_user(self.boss), user or self.ann, amount, key=KEY)

    def reverse(self, transaction_id: str = "") -> Any:
        """The boss undoes what Ann paid."""
        return reverse(self.api.as_user(self.boss), transaction_id or self.paid, key=KEY)

    def close(self, user: User) -> None:
        """Nothing enters or leaves the wallet any more."""
        Wallet.objects.filter(user=user).update(status="closed")


@pytest.fixture
def scene(api: ApiClient, settings: Any) -> Scene:
    """See `Scene`."""
    ann, bob = rich_user(11), rich_user(0)
    body = {"to": bob.public_id, "amount": "1"}
    paid = api.as_user(ann).post("wallet/transfer", body, key="before").json()["id"]
    IdempotencyRecord.objects.all().delete()
    return Scene(api, settings, ann, bob, staff("super_admin"), paid)


def frozen(scene: Scene) -> Any:
    Wallet.objects.filter(user=scene.ann).update(status="frozen", freeze_cause="person")
    return scene.send()


def too_often(scene: Scene) -> Any:
    scene.settings.TRANSFER_COUNT_USER_HOUR = 1
    return scene.send()


def closed(call: str) -> Callable[[Scene], Any]:
    def close_and_call(scene: Scene) -> Any:
        scene.close(scene.ann)
        return getattr(scene, call)()

    return close_and_call


def reversed_before(scene: Scene) -> Any:
    Transaction.objects.filter(public_id=scene.paid).update(status="reversed")
    return scene.reverse()


def spent(scene: Scene) -> Any:
    body = {"to": rich_user(0).public_id, "amount": "0.5"}
    if balance_of(scene.bob) == ogc(1):
        scene.api.as_user(scene.bob).post("wallet/transfer", body, key="spend")
    IdempotencyRecord.objects.filter(key="spend").delete()
    return scene.reverse()


STORED: dict[str, tuple[Callable[[Scene], Any], int, str | None]] = {
    "transfer": (lambda s: s.send(), 201, None),
    "transfer, poor": (lambda s: s.send("20"), 402, "INSUFFICIENT_BALANCE"),
    "transfer, to nobody": (lambda s: s.send(to="nobody@example.org"), 404, "RECIPIENT_NOT_FOUND"),
    "transfer, frozen": (frozen, 409, "WALLET_FROZEN"),
    "transfer, too often": (too_often, 403, "LIMIT_EXCEEDED"),
    "adjust": (lambda s: s.adjust(), 201, None),
    "adjust, waits": (lambda s: s.adjust("100"), 202, None),
    "adjust, poor": (lambda s: s.adjust("-20"), 402, "INSUFFICIENT_BALANCE"),
    "adjust, closed": (closed("adjust"), 409, "WALLET_CLOSED"),
    "reward": (lambda s: s.grant(), 201, None),
    "reward, waits": (lambda s: s.grant("100"), 202, None),
    "reward, more than the pool": (lambda s: s.grant("500000000"), 402, "INSUFFICIENT_BALANCE"),
    "reward, to nobody": (lambda s: s.grant(user=User(public_id=NOBODY)), 404, "NOT_FOUND"),
    "reward, closed": (closed("grant"), 409, "WALLET_CLOSED"),
    "reverse": (lambda s: s.reverse(), 201, None),
    "reverse, unknown": (lambda s: s.reverse("x"), 404, "NOT_FOUND"),
    "reverse, spent": (spent, 402, "INSUFFICIENT_BALANCE"),
    "reverse, again": (reversed_before, 409, "ALREADY_REVERSED"),
}


@pytest.mark.parametrize("case", STORED)
def test_answers_and_refusals_of_the_service_are_remembered(scene: Scene, case: str) -> None:
    call, status, code = STORED[case]
    first = call(scene)
    assert (first.status_code, first.status_code >= 400 and error_code(first)) == (status, code or False)
    record = IdempotencyRecord.objects.get()
    assert (record.status_code, bytes(record.body)) == (status, first.content)
    rows = Transaction.objects.count(), StaffMove.objects.count(), balance_of(scene.ann)
    again = call(scene)
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (status, first.content, "true")
    assert (Transaction.objects.count(), StaffMove.objects.count(), balance_of(scene.ann)) == rows


def unverified(scene: Scene) -> Any:
    User.objects.filter(pk=scene.ann.pk).update(email_verified_at=None)
    return scene.send()


def new_terms(scene: Scene) -> Any:
    scene.settings.TERMS_VERSION = "2031-01"
    return scene.send()


def denied(call: str) -> Callable[[Scene], Any]:
    def forbid_and_call(scene: Scene) -> Any:
        policy("action", rule("deny", "wallet.transfer", ADJUST_ACTION, REVERSE_ACTION))
        return getattr(scene, call)()

    return forbid_and_call


def step_up(scene: Scene) -> Any:
    scene.settings.STEP_UP_WITHDRAWAL_FROM = ogc(1)
    return scene.send("2", to=ADDRESS)


def limited(call: str) -> Callable[[Scene], Any]:
    def limit_and_call(scene: Scene) -> Any:
        scene.settings.RATE_MONEY = "1/h"
        actor = scene.api.as_user(scene.ann if call == "send" else scene.boss)
        actor.post("wallet/transfer", {"to": "nobody@example.org", "amount": "1"}, key="takes the one")
        IdempotencyRecord.objects.all().delete()
        return getattr(scene, call)()

    return limit_and_call


def unconfirmed(scene: Scene) -> Any:
    path = f"admin/transactions/{scene.paid}/reverse"
    return scene.api.as_user(scene.boss).post(path, {"reason": "r"}, key=KEY)


def without_scope(scene: Scene) -> Any:
    return adjust(scene.api.as_user(staff("moderator")), scene.ann, key=KEY)


NOT_STORED: dict[str, tuple[Callable[[Scene], Any], int, str]] = {
    "transfer, amount": (lambda s: s.send("1e3"), 400, "INVALID_AMOUNT"),
    "transfer, field": (lambda s: s.send(fee="1"), 400, "VALIDATION_ERROR"),
    "transfer, to oneself": (lambda s: s.send(to=s.ann.public_id), 400, "RECIPIENT_SELF"),
    "transfer, unverified": (unverified, 403, "EMAIL_NOT_VERIFIED"),
    "transfer, terms": (new_terms, 409, "TERMS_ACCEPTANCE_REQUIRED"),
    "transfer, policy": (denied("send"), 403, "PERMISSION_DENIED"),
    "transfer, step-up": (step_up, 403, "STEP_UP_REQUIRED"),
    "transfer, rate": (limited("send"), 429, "RATE_LIMITED"),
    "adjust, amount": (lambda s: s.adjust("0"), 400, "INVALID_AMOUNT"),
    "adjust, oneself": (lambda s: s.adjust(user=s.boss), 403, "ADMIN_CANNOT_CHANGE_SELF"),
    "adjust, scope": (without_scope, 403, "PERMISSION_DENIED"),
    "adjust, policy": (denied("adjust"), 403, "PERMISSION_DENIED"),
    "adjust, rate": (limited("adjust"), 429, "RATE_LIMITED"),
    "reward, amount": (lambda s: s.grant("-1"), 400, "INVALID_AMOUNT"),
    "reward, oneself": (lambda s: s.grant(user=s.boss), 403, "ADMIN_CANNOT_CHANGE_SELF"),
    "reverse, unconfirmed": (unconfirmed, 400, "CONFIRMATION_REQUIRED"),
    "reverse, policy": (denied("reverse"), 403, "PERMISSION_DENIED"),
}


@pytest.mark.parametrize("case", NOT_STORED)
def test_other_refusals_are_not_and_free_the_key(scene: Scene, case: str) -> None:
    call, status, code = NOT_STORED[case]
    refused = call(scene)
    assert (refused.status_code, error_code(refused)) == (status, code)
    assert not IdempotencyRecord.objects.exists()
    assert (balance_of(scene.ann), balance_of(scene.bob)) == (ogc(10), ogc(1))
    for user in (scene.ann, scene.boss):
        assert idempotency._Claim(user.public_id, KEY).take()


def test_the_key_of_a_refusal_that_is_not_kept_serves_again(scene: Scene) -> None:
    assert error_code(new_terms(scene)) == "TERMS_ACCEPTANCE_REQUIRED"
    scene.settings.TERMS_VERSION = ""
    answer = scene.send()
    assert (answer.status_code, "Idempotent-Replayed" in answer) == (201, False)


def test_one_key_serves_one_call_of_one_person(scene: Scene) -> None:
    assert scene.adjust("2").status_code == 201
    for other in (scene.grant("2"), scene.reverse(), scene.adjust("2", scene.bob), scene.adjust("2.0")):
        assert (other.status_code, error_code(other)) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert scene.adjust("2")["Idempotent-Replayed"] == "true"
    assert adjust(scene.api.as_user(staff("finance")), scene.ann, "2", key=KEY).status_code == 201
    assert scene.send("2").status_code == 201
    assert (balance_of(scene.ann), balance_of(scene.bob)) == (ogc(12), ogc(3))


def test_a_dry_run_neither_uses_a_key_nor_is_answered_by_one(scene: Scene) -> None:
    assert scene.send(dry_run=True).status_code == 200
    assert not IdempotencyRecord.objects.exists()
    assert scene.send().status_code == 201
    dry = scene.send(dry_run=True)
    assert (dry.status_code, "Idempotent-Replayed" in dry) == (200, False)
    assert error_code(scene.send(dry_run=False)) == "IDEMPOTENCY_KEY_REUSED"
    assert balance_of(scene.bob) == ogc(2)


def test_after_a_day_and_the_job_a_key_moves_money_again(scene: Scene) -> None:
    assert scene.send().status_code == 201
    IdempotencyRecord.objects.update(created_at=clock.now() - timedelta(hours=24, seconds=1))
    assert expire_idempotency_records() == 1
    # The note in Redis, which ended after 30 seconds.
    redis.client().flushall()
    again = scene.send()
    assert (again.status_code, "Idempotent-Replayed" in again) == (201, False)
    assert balance_of(scene.bob) == ogc(3)
