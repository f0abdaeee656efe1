"""Analytics starts empty: there is nothing to seed."""


def seed(*, debug: bool) -> None:
    """Nothing to create; counts and events come from what happens."""


def seed_demo() -> None:
    """Nothing to create."""
