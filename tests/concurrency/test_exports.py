"""A worker killed at any moment leaves no half archive, and the next one makes a whole one."""

import os
import signal
import tracemalloc

import orjson
import pytest
from django.core.files.storage import default_storage
from django.db import connections

from accounts import people, ports
from accounts.models import DataExport
from accounts.services import account_close, actor_for, export_request, exports
from accounts.services.avatars import orphans_sweep
from governance.services import access_sync
from notifications.models import Notification
from ogc import clock, events
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.notifications import NotificationFactory

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def media(settings, tmp_path, transactional_db):
    access_sync()
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def dies(act):
    """Run `act` in a process of its own, which must be killed in it."""
    connections.close_all()
    child = os.fork()
    if not child:
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def killed_while_writing(export_pk):
    def rows(user_pk):
        yield from ({"row": number} for number in range(1000))
        os.kill(os.getpid(), signal.SIGKILL)

    ports.personal_sections["deadly"] = ports.PersonalSection("deadly", rows)
    exports.export_make(export_pk=export_pk)


def killed_before_the_commit(export_pk):
    exports._finish = lambda lease, export, name: os.kill(os.getpid(), signal.SIGKILL)
    exports.export_make(export_pk=export_pk)


@pytest.mark.parametrize(("act", "orphans"), [(killed_while_writing, 0), (killed_before_the_commit, 1)])
def test_a_killed_worker_is_followed_by_another(media, act, orphans):
    user = UserFactory()
    export = export_request(actor=actor_for(user))
    dies(lambda: act(export.pk))
    export.refresh_from_db()
    assert (export.status, export.attempts, export.file.name) == ("queued", 1, "")
    assert people.exports_due(10) == []
    DataExport.objects.update(lease_until=clock.real_now() - clock.timedelta(seconds=1))
    assert people.exports_due(10) == [export.pk]
    exports.export_make(export_pk=export.pk)
    export.refresh_from_db()
    assert export.status == "ready"
    with default_storage.open(export.file.name) as file:
        assert orjson.loads(file.read())["user_id"] == user.public_id
    for path in media.rglob("*.json"):
        os.utime(path, (0, 0))
    assert orphans_sweep() == orphans
    assert len(list(media.rglob("*.json"))) == 1


def test_what_a_killed_closing_left_is_erased_by_the_dispatcher():
    user = UserFactory()
    NotificationFactory(user=user)
    actor = actor_for(user)

    def close_and_die():
        account_close(actor=actor, password=PASSWORD)
        os.kill(os.getpid(), signal.SIGKILL)

    dies(close_and_die)
    user.refresh_from_db()
    assert (user.status, Notification.objects.count()) == ("closed", 1)
    while events.drain():
        pass
    assert Notification.objects.count() == 0


def test_memory_does_not_grow_with_the_archive(monkeypatch):
    rows = 200_000
    big = ports.PersonalSection("big", lambda pk: ({"row": n, "text": "x" * 200} for n in range(rows)))
    monkeypatch.setattr(ports, "personal_sections", {"big": big})
    export = export_request(actor=actor_for(UserFactory()))
    tracemalloc.start()
    exports.export_make(export_pk=export.pk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    export.refresh_from_db()
    assert export.file.size > rows * 200
    assert peak < 8_000_000
