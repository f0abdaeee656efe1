"""Seeing from outside that a connection waits for a lock."""

import time

from django.db import connection

SECONDS = 20
_WAITING = """
    SELECT trx.trx_mysql_thread_id FROM information_schema.innodb_trx trx
    JOIN information_schema.processlist process ON process.id = trx.trx_mysql_thread_id
    WHERE trx.trx_state = 'LOCK WAIT' AND process.db = DATABASE()
"""


def wait_until_somebody_waits(connection_id: int | None = None) -> None:
    """Return once another connection to this database stands in the queue for a row lock.

    What MariaDB tells of that is as old as the last look, unless nobody looked for 0.1 s: so pause first.

    Args:
        connection_id: wait for this one; None: for any.
    """
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(0.15)
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            waiting = {row[0] for row in cursor.fetchall()}
        if connection_id in waiting or (waiting and connection_id is None):
            return
    raise AssertionError("nobody came to wait for a lock")
