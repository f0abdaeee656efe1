"""What the tests of accounts share."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest


@pytest.fixture
def later() -> Callable[..., None]:
    """Moves platform time on: `later(days=30)`; put back by the suite."""
    from ogc import clock

    return lambda **span: clock.apply_offset(clock.offset() + timedelta(**span))


@pytest.fixture
def own_keys(db: None) -> Iterator[None]:
    """Keys of this test's own making are forgotten with it."""
    from accounts import signing_keys

    before = signing_keys._memory
    signing_keys.load()
    yield
    signing_keys._memory = before
