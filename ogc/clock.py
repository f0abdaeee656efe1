"""The one clock of platform time.

Whatever waits on platform time (deadlines, token life, releases, grace) reads `now`. With DEBUG it can be
moved forward (`manage.py clock`): the offset is a row that every process reads again each second through
`ogc.reader`. Real time (`real_now`) stays for leases, rate limits, signatures, the chain and cron ticks.
"""

from datetime import UTC, date, datetime, timedelta

_offset = timedelta(0)


def now() -> datetime:
    """Platform time, aware, in UTC."""
    return datetime.now(UTC) + _offset


def real_now() -> datetime:
    """Wall-clock time, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The UTC date of platform time."""
    return now().date()


def offset() -> timedelta:
    """How far platform time runs ahead of real time in this process."""
    return _offset


def apply_offset(value: timedelta) -> None:
    """Set this process's offset; called by the reader and by `manage.py clock` only."""
    global _offset
    _offset = value
