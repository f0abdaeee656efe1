"""Brings the data of a local platform up to date: migrations, seeded rows, development contracts."""

import os
import sys
import time
from collections.abc import Callable

import django


def main() -> int:
    """Run each step; all of them are safe to repeat."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ogc.settings.local")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    done("migrate", lambda: call_command("migrate", interactive=False, verbosity=0))
    done("seed", lambda: call_command("seed", verbosity=0))
    if settings.DEBUG:
        # After the seed: the tokens that this moves to the hot wallet are booked against the genesis.
        done("deploy_contracts", deploy_contracts)
    return 0


def deploy_contracts() -> None:
    """Deploy; with a node of another chain the platform starts, and /readyz says what to do."""
    from django.core.management import CommandError, call_command

    try:
        call_command("deploy_contracts")
    except CommandError as error:
        print(error, flush=True)  # noqa: T201


def done(name: str, step: Callable[[], object]) -> None:
    """Run one step and print its time."""
    started = time.monotonic()
    step()
    print(f"{name} done in {time.monotonic() - started:.1f} s", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
