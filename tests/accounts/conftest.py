"""What the tests of accounts share."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def own_keys(db: None) -> Iterator[None]:
    """Keys of this test's own making are forgotten with it."""
    from accounts import signing_keys

    before = signing_keys._memory
    signing_keys.load()
    yield
    signing_keys._memory = before
