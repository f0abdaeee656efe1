"""`python -m tests.bench [--seconds N] [--only NAME …]`: start everything, load it, print the table.

`--compare` runs the three kinds of transfers in turn instead, and prints the medians.
"""

import argparse
import platform as machine
import sys
import tempfile
from pathlib import Path

import django

from tests.bench.authentication import Cost, measure
from tests.bench.budgets import AUTHENTICATION_MS, BUDGET_MS
from tests.bench.comparison import compare
from tests.bench.load import Figures, run, scenarios
from tests.bench.people import password_check_ms
from tests.bench.server import prepare, start_web


def main() -> None:
    """Run the scenarios and print a line for each; what is over its budget is marked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=6, help="length of each scenario")
    parser.add_argument("--only", nargs="*", default=[], help="names of scenarios")
    parser.add_argument("--compare", action="store_true", help="transfers to many, to one, to a lazy one")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of a comparison")
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--threads", type=int, default=1, help="threads of each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ogc-bench-") as folder:
        services = prepare(Path(folder))
        django.setup()
        from tests.bench import people as cast

        people = cast.create()
        platform = start_web(Path(folder), services, workers=options.workers, threads=options.threads)
        try:
            if options.compare:
                compare(platform, people, seconds=options.seconds, rounds=options.rounds)
                return
            _print_head()
            for scenario in scenarios(people):
                if not options.only or scenario.name in options.only:
                    figures = run(platform, scenario, people, options.seconds)
                    _print_line(scenario.name, figures)
                    if scenario.name == "verify":
                        _print_authentication(measure(people))
                    if scenario.name == "login":
                        _print_share("Argon2", password_check_ms(), figures)
        finally:
            platform.stop()


def _print_head() -> None:
    sys.stdout.write(f"{machine.processor() or machine.machine()}, Python {machine.python_version()}\n")
    titles = (
        "scenario",
        "req/s",
        "p50 ms",
        "p99 ms",
        "stmts",
        "CPU ms",
        "budget",
        "web",
        "db",
        "redis",
        "err",
    )
    sys.stdout.write("{:<16}{:>8}{:>8}{:>8}{:>7}{:>8}{:>8}{:>7}{:>7}{:>7}{:>6}\n".format(*titles))


def _print_line(name: str, figures: Figures) -> None:
    budget = BUDGET_MS.get(name)
    over = "" if budget is None or figures.total_cpu_ms <= budget else "  over budget"
    spent = figures.cpu_ms
    sys.stdout.write(
        f"{name:<16}{figures.per_second:>8.0f}{figures.p50_ms:>8.1f}{figures.p99_ms:>8.1f}"
        f"{figures.statements:>7.1f}{figures.total_cpu_ms:>8.2f}{budget or '-':>8}"
        f"{spent['web']:>7.2f}{spent['mariadb']:>7.2f}{spent['valkey']:>7.2f}{figures.errors:>6}{over}\n"
    )
    sys.stdout.flush()


def _print_authentication(cost: Cost) -> None:
    over = "" if cost.known_ms <= AUTHENTICATION_MS else "  over budget"
    sys.stdout.write(
        f"  of it authentication: {cost.statements} statements, {cost.known_ms:.4f} ms of CPU (budget "
        f"{AUTHENTICATION_MS}{over}); the first look at a token {cost.first_ms:.2f} ms, "
        f"{cost.first_statements} statements\n"
    )


def _print_share(part: str, part_ms: float, figures: Figures) -> None:
    share = part_ms / max(figures.total_cpu_ms, 0.001)
    sys.stdout.write(f"  of it {part}: {part_ms:.2f} ms, {share:.0%} of the CPU\n")


if __name__ == "__main__":
    main()
