"""Proofs of addresses used many times at once: one nonce once, one address one user."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connections

from accounts import ports
from accounts.constants import NoncePurpose
from accounts.locks import user_lock
from accounts.models import Activity, AddressNonce, Session
from accounts.services.seed import plans_seed
from ogc.db.transactions import run_in_transaction
from tests.api_client import ApiClient, error_code
from tests.concurrency.waiting import wait_until_somebody_waits
from tests.factories.accounts import UserFactory, login_as
from tests.factories.addresses import key, link, proof
from wallets.models import Wallet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.concurrency]

LINK, LOGIN = "wallet/link-address", "auth/wallet/login"


@pytest.fixture(autouse=True)
def _unlimited(settings: Any, transactional_db: None) -> None:
    settings.RATE_LOGIN_IP = settings.RATE_DEFAULT = "off"
    plans_seed()


def at_once(count: int, call: Callable[[int], Any]) -> Counter[Any]:
    """How often each answer was given to that many calls, all started at the same instant."""
    barrier = Barrier(count)

    def run(number: int) -> Any:
        barrier.wait(30)
        try:
            response = call(number)
            return response.status_code if response.status_code < 400 else error_code(response)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(run, range(count)))


def test_one_signature_opens_one_session():
    account = key()
    link(UserFactory(), account.address)
    body = proof(NoncePurpose.LOGIN, account)
    assert at_once(16, lambda _: ApiClient().post(LOGIN, body)) == {200: 1, "AUTH_WALLET_INVALID": 15}
    assert Session.objects.count() == 1
    assert AddressNonce.objects.exclude(used_at=None).count() == 1


def test_one_signature_links_once():
    user, account = UserFactory(), key()
    me = ApiClient().with_token(login_as(user).access)
    body = proof(NoncePurpose.LINK, account, user)
    assert at_once(12, lambda _: me.post(LINK, body)) == {200: 1, "WALLET_SIGNATURE_INVALID": 11}
    assert Activity.objects.filter(kind="address_linked").count() == 1


@pytest.mark.parametrize("round_number", range(3))
def test_one_address_is_linked_by_one_of_many(round_number):
    account = key()
    users = [UserFactory() for _ in range(10)]
    calls = [
        (ApiClient().with_token(login_as(user).access), proof(NoncePurpose.LINK, account, user))
        for user in users
    ]
    answers = at_once(len(calls), lambda number: calls[number][0].post(LINK, calls[number][1]))
    assert answers == {200: 1, "WALLET_ADDRESS_IN_USE": 9}
    assert Wallet.objects.filter(address=account.address).count() == 1
    assert Activity.objects.filter(kind="address_linked").count() == 1
    assert AddressNonce.objects.exclude(used_at=None).count() == 1


def test_a_login_that_waits_for_a_denial_does_not_get_in():
    user, account = UserFactory(), key()
    link(user, account.address)
    body = proof(NoncePurpose.LOGIN, account)

    def deny() -> None:
        user_lock(user.pk)
        started.set()
        wait_until_somebody_waits()
        ports.unlink_address(user.public_id, "this wasn't me", account.address)

    started = Event()
    with ThreadPoolExecutor(1) as pool:
        denied = pool.submit(lambda: (run_in_transaction(deny), connections.close_all()))
        assert started.wait(10)
        response = ApiClient().post(LOGIN, body)
        denied.result(10)
    assert (response.status_code, error_code(response)) == (401, "AUTH_WALLET_INVALID")
    assert not Session.objects.exists()
    assert AddressNonce.objects.get().used_at is None


def test_linking_unlinking_and_logging_in_at_once_leave_one_truth():
    user, account = UserFactory(), key()
    me = ApiClient().with_token(login_as(user).access)
    link(user, account.address)
    other = key()
    links = [proof(NoncePurpose.LINK, each, user) for each in (account, other) * 3]
    logins = [proof(NoncePurpose.LOGIN, each) for each in (account, other) * 3]

    def call(number: int) -> Any:
        if number % 3 == 0:
            return me.post(LINK, links[number // 3])
        return ApiClient().post(LOGIN, logins[number // 3]) if number % 3 == 1 else me.delete(LINK)

    answers = at_once(18, call)
    assert set(answers) <= {200, 204, "AUTH_WALLET_INVALID"}
    assert answers[204] == 6
    kinds = Activity.objects.filter(user=user, kind__startswith="address").order_by("pk")
    balance = 1 + sum(1 if line.kind == "address_linked" else -1 for line in kinds)
    assert balance == Wallet.objects.filter(user=user, address__isnull=False).count()
