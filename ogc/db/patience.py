"""How long a web request waits for a database that takes the connection and says nothing."""

from django.db import connections

WEB_SECONDS = 15
"""Longer than a lock is waited for; jobs and commands, which have long statements, wait on."""


def bound_answers(seconds: int = WEB_SECONDS) -> None:
    """Give up on a statement without an answer: connections of this process made from now on."""
    for database in connections.settings.values():
        if "mysql" in database["ENGINE"]:
            database["OPTIONS"] |= {"read_timeout": seconds, "write_timeout": seconds}
