"""Fixtures that every test may use.

The plugin starts the services and writes their addresses to the environment before the settings are read, so
nothing that reads settings is imported at the top here.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches

from tests.api_client import ApiClient

pytest_plugins = ["tests.services.plugin", "tests.services.emptying"]


@pytest.fixture
def api(db: None, django_capture_on_commit_callbacks: Any) -> ApiClient:
    """The API without a login; `.as_user(user)` signs in."""
    return ApiClient(django_capture_on_commit_callbacks)


@pytest.fixture
def drain(db: None, django_capture_on_commit_callbacks: Any) -> Callable[[], None]:
    """Do everything that is due, as dispatcher and workers would, until nothing is left."""

    from ogc import events
    from ogc.jobs.sweeps import run_all_inline

    def run() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            while events.drain() + run_all_inline():
                pass

    return run


@pytest.fixture
def later() -> Callable[..., None]:
    """Moves platform time on: `later(days=30)`; put back by the suite."""
    from ogc import clock

    return lambda **span: clock.apply_offset(clock.offset() + timedelta(**span))


@pytest.fixture(autouse=True)
def _fresh_process_memory() -> Iterator[None]:
    """What a process keeps in memory is empty at the start of each test."""
    from accounts import authentication, revocations, service_tokens
    from governance import decisions
    from ogc import clock

    yield
    decisions.forget_all()
    authentication.forget_all()
    revocations.forget_all()
    service_tokens.forget_all()
    caches["rates"].clear()
    clock.apply_offset(clock.timedelta(0))
