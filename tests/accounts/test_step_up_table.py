"""The table of what needs a step-up, compared with what the endpoints do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from eth_account import Account

from accounts import step_up
from accounts.models import Passkey, RecoveryCode, TotpDevice, User
from accounts.services.claims import actor_for
from accounts.step_up import STEP_UP
from governance.selectors import role_scopes
from governance.services import approval_request
from ogc.amounts import BASE_UNITS_PER_OGC
from ogc.ids import uuid7
from tests.api_client import ApiClient, error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.addresses import key, proof
from tests.factories.factors import code_of, totp_on
from tests.factories.governance import Recorder, staff
from tests.factories.passkeys import passkey_on
from tests.factories.wallets import rich_user
from wallets.models import ChainTransaction, Wallet
from wallets.services.seed import seed
from wallets.services.withdrawals import withdrawal_request

pytestmark = pytest.mark.django_db


@dataclass
class Scene:
    """Who does it, the call (it can be made again and again), and what it changes."""

    user: User
    call: Callable[[ApiClient], Any]
    state: Callable[[], object]
    prepare: Callable[[], None] = lambda: None


def withdrawing() -> Scene:
    user = rich_user(900)
    body = {"to": Account.create().address, "amount": "100"}
    return Scene(
        user, lambda client: client.post("wallet/transfer", body, key=uuid7()), ChainTransaction.objects.count
    )


def approving_a_withdrawal() -> Scene:
    owner = rich_user(50)

    def call(client: ApiClient) -> Any:
        wanted = withdrawal_request(
            actor=actor_for(owner), to=Account.create().address, amount=BASE_UNITS_PER_OGC
        )
        return client.post(f"admin/withdrawals/{wanted}/approve")

    return Scene(staff("finance"), call, ChainTransaction.objects.filter(status="queued").count)


def approving(recorder: Recorder) -> Scene:
    asking = staff("admin")

    def call(client: ApiClient) -> Any:
        asked = approval_request(actor=actor_for(asking), action=recorder.action, payload={"n": 1})
        return client.post(f"admin/approvals/{asked.public_id}/approve")

    return Scene(staff("admin"), call, lambda: len(recorder.calls))


def giving_roles() -> Scene:
    people = [UserFactory() for _ in range(6)]
    names = iter(people)

    def call(client: ApiClient) -> Any:
        return client.post(f"admin/users/{next(names).public_id}/roles", {"role": "judge"})

    return Scene(staff("super_admin"), call, lambda: [len(role_scopes(one.pk)[0]) for one in people])


def turning_the_app_off() -> Scene:
    user = UserFactory()
    codes: list[str] = []

    def is_on() -> None:
        if not codes or not User.objects.get(pk=user.pk).two_factor:
            codes[:] = totp_on(user)

    return Scene(
        user,
        lambda client: client.post("auth/2fa/disable", {"password": PASSWORD, "code": codes.pop()}),
        lambda: (TotpDevice.objects.count(), RecoveryCode.objects.filter(used_at=None).count()),
        is_on,
    )


def adding_a_factor() -> Scene:
    return Scene(
        UserFactory(),
        lambda client: client.post("auth/2fa/setup"),
        lambda: [bytes(seed) for seed in TotpDevice.objects.values_list("seed_sealed", flat=True)],
    )


def making_recovery_codes() -> Scene:
    user = UserFactory()
    totp_on(user)
    return Scene(
        user,
        lambda client: client.post("auth/2fa/recovery-codes"),
        lambda: sorted(RecoveryCode.objects.values_list("code_hash", flat=True)),
    )


def linking_an_address() -> Scene:
    user, account = UserFactory(), key()
    return Scene(
        user,
        lambda client: client.post("wallet/link-address", proof("link", account, user)),
        lambda: Wallet.objects.get(user=user).address,
        lambda: Wallet.objects.filter(user=user).update(address=None),
    )


def removing_one_of_two_passkeys() -> Scene:
    user = UserFactory()
    keys: list[str] = []

    def are_two() -> None:
        while Passkey.objects.filter(user=user).count() < 2:
            passkey_on(user)
        if not TotpDevice.objects.filter(user=user).exists():
            totp_on(user)
        keys[:] = Passkey.objects.filter(user=user).values_list("public_id", flat=True)

    return Scene(
        user,
        lambda client: client.delete(f"auth/passkeys/{keys[0]}"),
        Passkey.objects.filter(user=user).count,
        are_two,
    )


SCENES: dict[str, Callable[..., Scene]] = {
    step_up.WITHDRAW: withdrawing,
    step_up.APPROVE_WITHDRAWAL: approving_a_withdrawal,
    step_up.APPROVE: approving,
    step_up.ASSIGN_ROLE: giving_roles,
    step_up.TWO_FACTOR_OFF: turning_the_app_off,
    step_up.ADD_FACTOR: adding_a_factor,
    step_up.NEW_RECOVERY_CODES: making_recovery_codes,
    step_up.LINK_ADDRESS: linking_an_address,
    step_up.REMOVE_FACTOR: removing_one_of_two_passkeys,
}


@pytest.fixture(autouse=True)
def money():
    """The supply is in the treasury."""
    seed(debug=True)


@pytest.fixture
def recorder():
    made = Recorder()
    yield made
    made.close()


def test_every_row_has_a_scene():
    assert SCENES.keys() == STEP_UP.keys()


@pytest.mark.parametrize("action", sorted(STEP_UP))
def test_each_row_asks_for_a_fresh_step_up_of_this_session(action, api, settings, later, recorder):
    settings.WITHDRAWAL_APPROVAL_THRESHOLD = 1
    scene = SCENES[action](recorder) if action == step_up.APPROVE else SCENES[action]()
    scene.prepare()
    here, elsewhere = (login_as(scene.user).session_id for _ in range(2))

    def client(session_id: str) -> ApiClient:
        return api.as_user(scene.user, session_id=session_id)

    def is_refused(session_id: str) -> None:
        scene.prepare()
        before = scene.state()
        answer = scene.call(client(session_id))
        assert (answer.status_code, error_code(answer)) == (403, "STEP_UP_REQUIRED"), answer.content
        assert scene.state() == before

    later(minutes=11)
    is_refused(here)
    proof = {"code": code_of(scene.user)} if scene.user.two_factor else {"password": PASSWORD}
    assert client(here).post("auth/step-up", proof).status_code == 204
    scene.prepare()
    before = scene.state()
    assert scene.call(client(here)).status_code in (200, 201, 202, 204)
    assert scene.state() != before
    is_refused(elsewhere)
    later(seconds=570)
    scene.prepare()
    assert scene.call(client(here)).status_code in (200, 201, 202, 204)
    later(seconds=30)
    is_refused(here)


def test_a_login_is_no_step_up(api):
    scene = giving_roles()
    assert error_code(scene.call(api.with_token(login_as(scene.user).access))) == "STEP_UP_REQUIRED"


def test_a_fresh_login_may_add_a_factor(api):
    scene = adding_a_factor()
    assert scene.call(api.with_token(login_as(scene.user).access)).status_code == 200
