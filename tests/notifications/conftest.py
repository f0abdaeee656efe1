"""What the tests of notifications share."""

from pathlib import Path

import pytest

from notifications.services.seed import seed
from tests.factories.accounts import UserFactory


@pytest.fixture
def templates(db):
    """The seeded templates."""
    seed(debug=True)


@pytest.fixture
def mail_folder(settings, tmp_path) -> Path:
    """Mail goes to files below this folder, which the first mail creates."""
    settings.EMAIL_BACKEND = "notifications.clients.mail_files.EmailBackend"
    settings.OGC_VAR = tmp_path
    return tmp_path / "mail"


@pytest.fixture
def person(templates):
    """Somebody with an address."""
    return UserFactory(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def no_workers(monkeypatch) -> list[tuple]:
    """Jobs that were asked for, as (function path, arguments, queue, key); none runs."""
    asked: list[tuple] = []
    monkeypatch.setattr("ogc.jobs.queues._push", lambda *job: asked.append(job[:4]))
    return asked
