"""A private MariaDB server for tests and benchmarks."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ogc.local.services import Service, ServiceUnavailable, free_port

DATABASE = "ogc"
USER = "ogc"
PASSWORD = "ogc-local-only"
SETUP_SQL = f"""
CREATE DATABASE IF NOT EXISTS {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO {USER}@'127.0.0.1';
"""


def mariadb(folder: Path, port: int | None = None, *, durable: bool = False) -> Service:
    """A MariaDB server in a folder of its own, not yet started; its `url` is a DATABASE_URL.

    The database `ogc` exists, and its user may create others (Django makes `test_ogc`). `durable` flushes
    each commit to the disk as a production server does (benchmarks); tests need only survive a kill.

    Raises:
        ServiceUnavailable: MariaDB or the Python driver is missing.
    """
    port = port or free_port()
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    init_file = _install(folder, as_root)
    options = {
        "datadir": folder / "data",
        "socket": _socket_path(folder),
        "pid-file": folder / "server.pid",
        "init-file": init_file,
        "port": port,
        "bind-address": "127.0.0.1",
        "character-set-server": "utf8mb4",
        "collation-server": "utf8mb4_unicode_ci",
        "max-connections": 300,
        "innodb-buffer-pool-size": "512M",
        "innodb-flush-log-at-trx-commit": 1 if durable else 2,
    }
    command = [_binary("mariadbd"), "--no-defaults", *as_root, "--skip-name-resolve"]
    command += [f"--{name}={value}" for name, value in options.items()]
    url = f"mysql://{USER}:{PASSWORD}@127.0.0.1:{port}/{DATABASE}"
    return Service("mariadb", url, command, folder, lambda: _answers(port))


def _answers(port: int) -> bool:
    import MySQLdb

    try:
        MySQLdb.connect(
            host="127.0.0.1", port=port, user=USER, password=PASSWORD, database=DATABASE, connect_timeout=1
        ).close()
    except MySQLdb.Error:
        return False
    return True


def _install(folder: Path, as_root: list[str]) -> Path:
    """Create the data folder when it is not there yet; returns the SQL file that every start runs."""
    try:
        import MySQLdb  # noqa: F401
    except ImportError as error:
        needs = "gcc, pkg-config, python3-dev and libmariadb-dev"
        raise ServiceUnavailable(
            f"mysqlclient is not installed; to build it `make setup` needs {needs}"
        ) from error
    install = _binary("mariadb-install-db")
    init_file, data = folder / "init.sql", folder / "data"
    if not data.exists():
        data.mkdir(parents=True)
        init_file.write_text(SETUP_SQL)
        options = [f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run([install, "--no-defaults", *as_root, *options], check=True, capture_output=True)
    return init_file


def _binary(name: str) -> str:
    """Path of a program of MariaDB; Debian keeps the server out of the PATH of ordinary users."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ServiceUnavailable(f"{name} is not installed; on Debian it is in the package mariadb-server")
    return found


def _socket_path(folder: Path) -> Path:
    """A socket path in the folder, or in a temporary one where that is too long for the system."""
    path = folder / "server.sock"
    if len(str(path)) < 100:
        return path
    return Path(tempfile.mkdtemp(prefix="ogc-mariadb-")) / "server.sock"
