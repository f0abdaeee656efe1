"""`reconcile` over many entries: quick, in little memory, and it still finds the one that is wrong."""

import json
import os
from pathlib import Path

import pytest

from tests.services.databases import fresh_database
from tests.sizes.processes import Processes

pytestmark = [pytest.mark.mariadb]

ENTRIES = int(20_000 * float(os.environ.get("SCALE", "1")))
MEMORY_MIB = 200
SECONDS = 60

BREAK_ONE = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("UPDATE wallets_ledgeraccount SET entry_count = entry_count + 1 WHERE kind = 'treasury'")
"""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Processes:
    """A ledger of its own with ENTRIES entries."""
    folder: Path = tmp_path_factory.mktemp("ledger")
    processes = Processes(folder, fresh_database(folder, request))
    for command in (["manage.py", "migrate", "-v0"], ["-m", "tests.sizes.fill_ledger", str(ENTRIES)]):
        processes.run(*command)
    return processes


def test_reconcile_streams(ledger: Processes) -> None:
    cost = ledger.measure("reconcile", "--json")
    print(f"\nreconcile over {ENTRIES} entries: {cost.seconds:.1f} s, {cost.memory_mib:.0f} MiB")  # noqa: T201
    told = json.loads(cost.output)
    assert (cost.code, told["ok"]) == (0, True), told
    assert cost.memory_mib < MEMORY_MIB
    assert cost.seconds < SECONDS


def test_reconcile_finds_the_one_that_is_off(ledger: Processes) -> None:
    ledger.run("-c", BREAK_ONE)
    cost = ledger.measure("reconcile", "--json")
    wrong = [check for check in json.loads(cost.output)["checks"] if check["status"] == "wrong"]
    assert cost.code == 1
    assert [check["name"] for check in wrong] == ["balances_equal_entries"]
    assert wrong[0]["detail"].startswith("treasury: counts ")
