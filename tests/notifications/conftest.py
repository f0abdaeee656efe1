"""What the tests of notifications share; loaded before Django is, so the apps are imported inside."""

from pathlib import Path

import pytest


@pytest.fixture
def templates(db):
    """The seeded templates."""
    from notifications.services.seed import seed

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
    from tests.factories.accounts import UserFactory

    return UserFactory(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def no_workers(monkeypatch) -> list[tuple]:
    """Jobs that were asked for, as (function path, arguments, queue, key); none runs."""
    asked: list[tuple] = []
    monkeypatch.setattr("ogc.jobs.queues._push", lambda *job: asked.append(job[:4]))
    return asked
