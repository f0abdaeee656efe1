"""What authentication alone costs: the header of a request turned into its caller, in this process."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.people import Person

ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU in ms and statements of one request: with a token that the process knows, and of a first look."""

    known_ms: float
    statements: int
    first_ms: float
    first_statements: int


def measure(people: Sequence[Person]) -> Cost:
    """The medians over rounds with a token of each person; the reader has just read, as in a web process."""
    from accounts.authentication import forget_all
    from ogc import reader

    headers = [f"Bearer {one.token}" for one in people]
    first, known = [], []
    first_statements = known_statements = 0
    for _ in range(ROUNDS):
        reader.refresh()
        forget_all()
        ms, statements = _once(headers)
        first.append(ms)
        first_statements += statements
        ms, statements = _once(headers)
        known.append(ms)
        known_statements += statements
    return Cost(statistics.median(known), known_statements, statistics.median(first), first_statements)


def _once(headers: Sequence[str]) -> tuple[float, int]:
    """CPU in ms for each header, and statements for all of them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.authentication import actor_of_header

    with CaptureQueriesContext(connection) as statements:
        started = time.thread_time()
        for header in headers:
            actor_of_header(header)
        spent = time.thread_time() - started
    return spent * 1000 / len(headers), len(statements)
