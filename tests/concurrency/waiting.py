"""Seeing from outside that a connection waits for a lock."""

import time

from django.db import connection

SECONDS = 20
_WAITING = """
    SELECT trx.trx_mysql_thread_id FROM information_schema.innodb_trx trx
    JOIN information_schema.processlist process ON process.id = trx.trx_mysql_thread_id
    WHERE trx.trx_state = 'LOCK WAIT' AND process.db = DATABASE()
"""


def wait_until_somebody_waits(connection_id: int | None = None, *, many: int = 1) -> None:
    """Return once other connections to this database stand in the queue for a row lock.

    What MariaDB tells of that is as old as the last look, unless nobody looked for 0.1 s: so pause first.

    Args:
        connection_id: wait for this one; None: for any.
        many: how many have to wait.
    """
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(0.15)
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            waiting = {row[0] for row in cursor.fetchall()}
        if connection_id in waiting or (connection_id is None and len(waiting) >= many):
            return
    raise AssertionError("nobody came to wait for a lock")
