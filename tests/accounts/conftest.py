"""What the tests of accounts share."""

from collections.abc import Callable
from datetime import timedelta

import pytest


@pytest.fixture
def later() -> Callable[..., None]:
    """Moves platform time on: `later(days=30)`; put back by the suite."""
    from ogc import clock

    return lambda **span: clock.apply_offset(clock.offset() + timedelta(**span))
