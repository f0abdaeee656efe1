"""What the tests of real processes share."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.services.seed import plans_seed
from governance.services import access_sync
from ogc.local.services import Service
from tests.services.web import stream, web
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.seed import seed


@pytest.fixture
def whole_ledger(settings: Any, transactional_db: None) -> Iterator[None]:
    """Plans, roles and a seeded ledger, called as often as one likes; every rule of it holds at the end."""
    settings.RATE_MONEY = settings.RATE_DEFAULT = "off"
    access_sync()
    plans_seed()
    seed(debug=True)
    yield
    wrong = [result for result in reconcile() if result.status == CheckStatus.WRONG]
    assert not wrong, wrong


@pytest.fixture
def given_up() -> Iterator[list[str]]:
    """What the database said of each transaction that it gave up."""
    messages: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(f"{record.threadName}: {record.error}")  # type: ignore[attr-defined]

    log, kept = logging.getLogger("ogc.db.transactions"), Kept()
    log.addHandler(kept)
    yield messages
    log.removeHandler(kept)


@pytest.fixture
def environment(transactional_db: None) -> dict[str, str]:
    """What makes a process work on the test database, which is seeded as for a local run."""
    from django.db import connection

    from accounts.services import seed as accounts
    from governance.services import seed as governance

    for module in (accounts, governance):
        module.seed(debug=True)
    for module in (accounts, governance):
        module.seed_demo()
    database = connection.settings_dict
    url = f"mysql://{database['USER']}:{database['PASSWORD']}@127.0.0.1:{database['PORT']}/{database['NAME']}"
    environment = {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "LOG_LEVEL": "WARNING"}
    # Tests ask again and again until an answer changes: how often depends on the machine.
    return environment | {"DJANGO_SETTINGS_MODULE": "ogc.settings.local", "RATE_DEFAULT": "off"}


@pytest.fixture
def processes(environment: dict[str, str], tmp_path: Path) -> Iterator[list[Service]]:
    """Two web processes on the test database."""
    started = [web(tmp_path / str(number), environment).start() for number in (1, 2)]
    yield started
    for process in started:
        process.stop()


@pytest.fixture
def stream_process(environment: dict[str, str], tmp_path: Path) -> Iterator[Service]:
    """The event stream on the test database."""
    started = stream(tmp_path / "stream", environment).start()
    yield started
    started.stop()
