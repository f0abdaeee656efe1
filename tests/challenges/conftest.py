"""Fixtures of the tests about challenges."""

from types import SimpleNamespace

import pytest

from accounts.services.seed import plans_seed
from challenges.services.seed import seed as challenges_seed
from tests.factories.challenges import person
from wallets.services.seed import seed as wallets_seed


@pytest.fixture
def money(db: None) -> None:
    """Plans, filled pools, categories, badges."""
    plans_seed()
    wallets_seed(debug=True)
    challenges_seed(debug=True)


@pytest.fixture
def staff(money: None) -> SimpleNamespace:
    """Two admins and a moderator."""
    return SimpleNamespace(ops=person("admin"), ops2=person("admin"), moderator=person("moderator"))


@pytest.fixture
def people(money: None) -> SimpleNamespace:
    """Ada, Ben and Cleo on the free plan, Dora on pro, Eve on enterprise."""
    return SimpleNamespace(
        ada=person(name="Ada"),
        ben=person(name="Ben"),
        cleo=person(name="Cleo"),
        dora=person(name="Dora", plan="pro"),
        eve=person(name="Eve", plan="enterprise"),
    )
