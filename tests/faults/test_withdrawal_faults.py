"""A withdrawal survives the death of every process at every step, and a Redis that forgets everything.

Each test ends in one payment, one settlement and a clean reconcile.
"""

import pytest
from eth_account import Account

from tests.faults.platform import Platform, until

pytestmark = [pytest.mark.faults, pytest.mark.chain, pytest.mark.mariadb]

OGC = 10**9
USER = "alice@ogc.local"


@pytest.fixture(params=[False, True], ids=["redis stays", "redis is flushed"])
def forget(request, platform):
    """Empties Redis at the fault, or not."""
    return platform.flush_redis if request.param else lambda: None


@pytest.fixture
def withdrawal(platform):
    """Asks for 5 OGC to a new address, and proves at the end that exactly this came of it."""
    address = Account.create().address
    before = platform.act("balances", USER)
    asked = {}

    def ask():
        asked.update(platform.act("request", USER, address, "5"))
        return asked["id"]

    yield ask
    try:
        until("the withdrawal is settled", lambda: platform.act("show", asked["id"])["status"] == "confirmed")
    except AssertionError as error:
        raise AssertionError(f"{platform.act('show', asked['id'])}\n{platform.logs()}") from error
    shown = platform.act("show", asked["id"])
    assert (shown["transaction"], shown["postings"], shown["attempts"]) == (
        "completed",
        ["hold", "settle"],
        1,
    )
    assert platform.paid(address) == 5 * 10**18
    after = platform.act("balances", USER)
    assert (before["available"] - after["available"], after["reserved"]) == (5 * OGC, 0)
    assert set(platform.act("check").values()) == {"ok"}


def test_worker_killed_between_hold_and_broadcast(platform: Platform, withdrawal, forget):
    held = platform.proxy.hold_before("eth_getTransactionCount")
    wanted = withdrawal()
    assert held.reached.wait(30)
    assert platform.act("show", wanted)["status"] == "queued"
    platform.kill("worker")
    held.abandon()
    forget()
    platform.act("expire_lease")
    platform.start("worker")


def test_worker_killed_between_nonce_and_signature(platform: Platform, withdrawal, forget):
    platform.kill("worker")
    wanted = withdrawal()
    platform.act_and_die("die_before_signing")
    shown = platform.act("show", wanted)
    assert (shown["status"], shown["attempts"]) == ("nonce_reserved", 0)
    forget()
    platform.act("expire_lease")
    platform.start("worker")


def test_worker_killed_between_signature_and_broadcast(platform: Platform, withdrawal, forget):
    held = platform.proxy.hold_before("eth_sendRawTransaction")
    wanted = withdrawal()
    assert held.reached.wait(30)
    assert platform.act("show", wanted)["status"] == "signed"
    platform.kill("worker")
    held.abandon()
    forget()
    platform.act("expire_lease")
    platform.start("worker")


def test_worker_killed_after_broadcast(platform: Platform, withdrawal, forget):
    platform.kill("indexer")
    held = platform.proxy.hold_after("eth_sendRawTransaction")
    wanted = withdrawal()
    assert held.reached.wait(30)
    assert platform.act("show", wanted)["status"] == "signed"
    platform.kill("worker")
    held.abandon()
    forget()
    platform.act("expire_lease")
    platform.start("worker", "indexer")


def test_indexer_killed_before_finality(platform: Platform, withdrawal, forget):
    held = platform.proxy.hold_after("eth_getLogs")
    wanted = withdrawal()
    assert held.reached.wait(30)
    platform.kill("indexer")
    held.abandon()
    forget()
    until("it is sent", lambda: platform.act("show", wanted)["status"] in ("broadcast", "mined"))
    assert platform.act("show", wanted)["postings"] == ["hold"]
    platform.start("indexer")


def test_redis_flushed_before_any_job_ran(platform: Platform, withdrawal):
    platform.kill("worker")
    wanted = withdrawal()
    platform.flush_redis()
    platform.start("worker")
    until("the sweeper finds it", lambda: platform.act("show", wanted)["status"] != "queued", 60)


def test_a_dead_lane_keeps_the_signer_no_longer_than_its_lease(platform: Platform, withdrawal):
    held = platform.proxy.hold_before("eth_sendRawTransaction")
    withdrawal()
    assert held.reached.wait(30)
    platform.kill("worker")
    held.abandon()
    platform.start("worker")
