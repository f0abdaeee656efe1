"""The sweeper: finds rows whose work is due and whose lease is over, whatever Redis forgot."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from ogc.jobs.queues import enqueue

BATCH = 500
MAX_PASSES = 1_000


@dataclass(frozen=True, slots=True)
class Sweep:
    """One kind of row that stands for work.

    Attributes:
        due: up to `limit` row numbers that are due now and free.
        job: the job function that takes one row number.
        key: the job id for a row number, with its attempt; None lets RQ choose.
        lane: swept each 5 s (the chain lane) instead of each 20 s.
        next_due: platform time at which more becomes due, for `manage.py clock`; None when nothing waits.
    """

    name: str
    due: Callable[[int], Iterable[int]]
    job: Callable[[int], object]
    queue: str = "default"
    key: Callable[[int], str] | None = None
    lane: bool = False
    next_due: Callable[[], datetime | None] | None = None


_registered: dict[str, Sweep] = {}


def register_sweep(sweep: Sweep) -> None:
    """Add a kind of work; called in `AppConfig.ready()`."""
    _registered[sweep.name] = sweep


def registered() -> list[Sweep]:
    """All kinds of work, in order of registration."""
    return list(_registered.values())


def sweep_all(*, lane: bool) -> int:
    """Enqueue what is due; returns how many jobs were asked for."""
    count = 0
    for sweep in registered():
        if sweep.lane == lane:
            for pk in sweep.due(BATCH):
                enqueue(sweep.job, pk, queue=sweep.queue, key=sweep.key(pk) if sweep.key else None)
                count += 1
    return count


def run_all_inline() -> int:
    """Do what is due in this process until nothing is (the clock command, tests); returns the count.

    Raises:
        RuntimeError: some work stays due although its job ran again and again.
    """
    total = 0
    for _ in range(MAX_PASSES):
        done = [(sweep.name, sweep.job(pk)) for sweep in registered() for pk in sweep.due(BATCH)]
        if not done:
            return total
        total += len(done)
    raise RuntimeError(f"these stay due whatever their jobs do: {sorted({name for name, _ in done})}")
