"""Transfers between random pairs, to one receiver, and to one whose account is lazy, in turn and many times
over: whatever else the machine does then hits all three alike.
"""

import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from tests.bench.load import Figures, run, scenarios
from tests.bench.people import Person
from tests.bench.server import Platform

NAMES = ("transfer", "transfer to one", "transfer to lazy")
FOLD_SECONDS = 1


def compare(platform: Platform, people: Sequence[Person], *, seconds: int, rounds: int) -> None:
    """Run the rounds with a folder beside them, and print each and the medians."""
    chosen = [scenario for scenario in scenarios(people) if scenario.name in NAMES]
    figures: dict[str, list[Figures]] = defaultdict(list)
    with _folder():
        for number in range(rounds):
            # Each is first, second and third in turn.
            for scenario in chosen[number % 3 :] + chosen[: number % 3]:
                figures[scenario.name].append(run(platform, scenario, people, seconds))
            _print(f"round {number + 1}", {name: figures[name][-1:] for name in NAMES})
    _print(f"medians of {rounds}", figures)


@contextmanager
def _folder() -> Iterator[None]:
    """What the worker does each second on a running platform."""
    from wallets.services.lazy import lazy_accounts_fold

    stop = Event()

    def work() -> None:
        from django.db import connection

        while not stop.wait(FOLD_SECONDS):
            lazy_accounts_fold()
        connection.close()

    thread = Thread(target=work, name="folder")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _print(title: str, figures: dict[str, list[Figures]]) -> None:
    """A line for each kind: the medians of what is given."""
    sys.stdout.write(f"{title}\n")
    base = statistics.median(one.per_second for one in figures[NAMES[0]])
    for name in NAMES:
        mine = figures[name]
        rate = statistics.median(one.per_second for one in mine)
        waited = statistics.median(one.lock_ms for one in mine)
        cpu = statistics.median(one.total_cpu_ms for one in mine)
        sys.stdout.write(
            f"  {name:<16}{rate:>6.0f}/s {rate / base:>5.0%}, waits for rows {waited:>6.2f} ms, "
            f"CPU {cpu:>5.2f} ms, {sum(one.errors for one in mine)} errors\n"
        )
    sys.stdout.flush()
