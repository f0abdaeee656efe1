"""One platform for all fault tests; each test leaves it whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

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
        running = Platform(folder, _database(folder, request))
        with running:
            running.start("worker", "scheduler", "indexer")
            yield running
    except ServiceUnavailable as error:
        cannot_run(str(error))


def _database(folder: Path, request: pytest.FixtureRequest) -> str:
    """URL of an empty database: a file, or one of its own on the private MariaDB server."""
    if not request.config.getoption("--mariadb"):
        return f"sqlite://{folder}/platform.sqlite3"
    import MySQLdb

    url = urlsplit(request.getfixturevalue("mariadb_server").url)
    name = f"faults_{folder.parent.name[-8:].replace('-', '_')}_{folder.name.replace('-', '_')}"
    connection = MySQLdb.connect(
        host=url.hostname, port=url.port, user=url.username, password=url.password, autocommit=True
    )
    cursor = connection.cursor()
    cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    connection.close()
    return url._replace(path=f"/{name}").geturl()
