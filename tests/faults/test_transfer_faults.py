"""An idempotency key moves money once when the web process is killed (SIGKILL) around the commit.

After the commit the answer is stored, and is sent at once whatever Redis remembers of the dead process.
Before it there is nothing; the claim of the dead process answers 409 until it runs out, since nobody can know
that it is dead.
"""

from typing import Any

import pytest
import requests
from redis import Redis

from tests.faults.platform import Platform

pytestmark = [pytest.mark.faults, pytest.mark.mariadb]

PAID = 2_500_000_000
KEY = "5a7f0e3c"
WRITTEN = "ogc.api.idempotency:_store"
COMMITTED = "ogc.api.idempotency:run_in_transaction"


@pytest.fixture
def payer(platform: Platform) -> dict[str, str]:
    """Somebody with 10 OGC and a token, and whom to pay; Redis knows no claim."""
    platform.flush_redis()
    made: dict[str, str] = platform.act("payer")
    return made


def pay_and_die(platform: Platform, payer: dict[str, str], where: str) -> None:
    """Pay 2.5 in a web process that is killed when this function has returned."""
    headers = {"Authorization": f"Bearer {payer['token']}", "Idempotency-Key": KEY}
    body = {"to": payer["to"], "amount": "2.5"}
    with platform.crashing_web(where, "after") as url, pytest.raises(requests.ConnectionError):
        requests.post(f"{url}/api/v1/wallet/transfer", json=body, headers=headers, timeout=30)


def pay_again(platform: Platform, payer: dict[str, str], amount: str = "2.5") -> tuple[int, str | None, bool]:
    """The call in another process: its status, the code of a refusal, whether it was a stored answer."""
    answer: dict[str, Any] = platform.act("transfer", payer["token"], payer["to"], amount, KEY)
    return answer["status"], answer["code"], answer["is_replayed"]


def claims(platform: Platform) -> list[Any]:
    """How many seconds each claim has left."""
    redis = Redis.from_url(platform.redis.url)
    return [redis.ttl(name) for name in redis.scan_iter("ogc:idempotency:*")]


def require_moved(platform: Platform, payer: dict[str, str], times: int) -> None:
    """Both balances, the journal, the stored answers and the ledger's rules say so."""
    moved = {"gave": times * PAID, "got": times * PAID, "transfers": times, "answers": times}
    assert platform.act("paid", payer["id"], payer["to"]) == moved
    assert set(platform.act("check").values()) == {"ok"}


def test_web_killed_between_the_commit_and_the_answer(platform: Platform, payer: dict[str, str]) -> None:
    pay_and_die(platform, payer, COMMITTED)
    require_moved(platform, payer, 1)
    assert len(claims(platform)) == 1
    for forget in (lambda: None, platform.flush_redis):
        forget()
        assert pay_again(platform, payer) == (201, None, True)
        assert pay_again(platform, payer, "2.6") == (422, "IDEMPOTENCY_KEY_REUSED", False)
    require_moved(platform, payer, 1)


def test_web_killed_before_the_commit(platform: Platform, payer: dict[str, str]) -> None:
    pay_and_die(platform, payer, WRITTEN)
    require_moved(platform, payer, 0)
    [left] = claims(platform)
    assert 0 < left <= 30
    assert pay_again(platform, payer) == (409, "IDEMPOTENCY_IN_PROGRESS", False)
    require_moved(platform, payer, 0)
    # The claim has run out.
    platform.flush_redis()
    assert pay_again(platform, payer) == (201, None, False)
    assert pay_again(platform, payer) == (201, None, True)
    require_moved(platform, payer, 1)
