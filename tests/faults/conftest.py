"""One platform for all fault tests; each test leaves it whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services.databases import fresh_database

if TYPE_CHECKING:
    from tests.faults.platform import Platform


@pytest.fixture(scope="session")
def platform(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator["Platform"]:
    """Migrated, seeded, deployed, with worker, scheduler and indexer running."""
    from ogc.local.services import ServiceUnavailable
    from tests.faults.platform import Platform
    from tests.services.plugin import cannot_run

    folder: Path = tmp_path_factory.mktemp("platform")
    try:
        running = Platform(folder, fresh_database(folder, request))
        with running:
            running.start("worker", "scheduler", "indexer")
            yield running
    except ServiceUnavailable as error:
        cannot_run(str(error))
