"""Databases for processes that a test starts."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest


def fresh_database(folder: Path, request: pytest.FixtureRequest) -> str:
    """URL of an empty database: a file, or one of its own on the private MariaDB server."""
    if not request.config.getoption("--mariadb"):
        return f"sqlite://{folder}/platform.sqlite3"
    import MySQLdb

    url = urlsplit(request.getfixturevalue("mariadb_server").url)
    name = f"own_{folder.parent.name[-8:].replace('-', '_')}_{folder.name.replace('-', '_')}"
    connection = MySQLdb.connect(
        host=url.hostname, port=url.port, user=url.username, password=url.password, autocommit=True
    )
    cursor = connection.cursor()
    cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    connection.close()
    return url._replace(path=f"/{name}").geturl()
