"""Work that one process at a time may do, on any machine; whoever dies gives it up at once."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


class AlreadyRunning(RuntimeError):
    """Another process does this work."""


@contextmanager
def solo(name: str) -> Iterator[None]:
    """Do this work alone: a lock of the database server's that ends with the connection, or, beside a SQLite
    file, one of the operating system's that ends with the process.

    Raises:
        AlreadyRunning: somebody else is at it.
    """
    with _of_server(name) if connection.vendor == "mysql" else _of_file(name):
        yield


@contextmanager
def _of_server(name: str) -> Iterator[None]:
    # Such locks are the whole server's; others may have databases on it.
    lock = f"{connection.settings_dict['NAME']}.{name}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 0)", [lock])
        if cursor.fetchone()[0] != 1:
            raise AlreadyRunning(name)
        try:
            yield
        finally:
            cursor.execute("DO RELEASE_LOCK(%s)", [lock])


@contextmanager
def _of_file(name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT file FROM pragma_database_list WHERE name = 'main'")
        # One in memory has no file, and is this process's alone.
        database = Path(cursor.fetchone()[0] or Path(tempfile.gettempdir(), f"ogc-{os.getpid()}"))
    with database.with_name(f"{database.name}-{name}.lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(name) from None
        yield
