"""What a person asks of their account survives kill -9 of the processes that do it, step by step.

The answer "this wasn't me" stands for all: it ends sessions, kills the password, holds the wallet, opens an
incident, and tells the person and staff. In the end each is true once and each mail is there once.
"""

import pytest
import requests

from tests.faults.platform import Platform, until

pytestmark = [pytest.mark.faults, pytest.mark.mariadb]

STEPS = [
    ("notifications.services.notify:delivery_enqueue", "before"),
    ("ogc.events.dispatch:_consume", "after"),
    ("notifications.services.deliveries:mail_send", "before"),
    ("notifications.services.deliveries:_record_sent", "before"),
]
DENIED = {"sessions": 0, "password": False, "wallet": "frozen", "incidents": 1, "denials": 1}
MAILS = {"accounts.security_alert": 1, "accounts.activity_denied": 1, "accounts.reset_password": 1}


@pytest.fixture
def person(platform: Platform) -> dict[str, str]:
    """Who was mailed of a login from a new device; `token` denies it."""
    made: dict[str, str] = platform.act("person_with_alert")
    return made


def require_told(platform: Platform, person: dict[str, str]) -> None:
    """Wait until nothing is left to tell; then all of it is true and told, and nothing twice."""
    platform.act("sweep_now")
    until("all is told", lambda: platform.act("is_all_told"))
    assert platform.act("account", person["email"]) == DENIED, platform.logs()
    assert platform.act("mails", person["email"]) == {"rows": MAILS, "files": len(MAILS)}, platform.logs()


def test_workers_killed_one_after_another_while_a_denial_is_told(
    platform: Platform, person: dict[str, str]
) -> None:
    platform.kill("worker")
    assert platform.act("deny", person["token"]) == ""
    for where, when in STEPS:
        platform.flush_redis()
        platform.act("sweep_now")
        platform.crash(where, when, "worker")
    platform.start("worker")
    require_told(platform, person)


def test_web_killed_before_and_after_the_commit_of_a_denial(
    platform: Platform, person: dict[str, str]
) -> None:
    before = platform.act("account", person["email"])
    for step, expected in (("announce", before), ("poke", DENIED | {"incidents": 0})):
        with platform.crashing_web(f"ogc.events.dispatch:{step}", "before") as url:
            if step == "poke":
                platform.kill("worker")
            with pytest.raises(requests.ConnectionError):
                requests.post(f"{url}/api/v1/auth/activity/deny", json={"token": person["token"]}, timeout=30)
        assert platform.act("account", person["email"]) == expected
    assert platform.act("deny", person["token"]) == "AUTH_VERIFICATION_TOKEN_INVALID"
    platform.start("worker")
    require_told(platform, person)
