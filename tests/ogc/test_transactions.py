"""The one transaction: joined, retried, given up, and never half done."""

import sqlite3

import pytest
from django.db import OperationalError, connection, transaction

from ogc.db import transactions
from ogc.db.transactions import in_transaction, on_commit, run_in_transaction, transactional
from ogc.errors import ConflictError, ServiceUnavailable
from ogc.models import DomainEvent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]

DEADLOCK = OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction")


def fails(times, error=DEADLOCK):
    """A service that writes and then is given up by the database `times` times."""
    tries = []

    @transactional
    def service():
        tries.append(1)
        DomainEvent.objects.create(name=f"try {len(tries)}")
        if len(tries) <= times:
            raise error
        return len(tries)

    return service, tries


def names():
    return list(DomainEvent.objects.order_by("id").values_list("name", flat=True))


@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_the_database_gave_up_is_run_again_from_the_start(times):
    service, _ = fails(times)
    assert service() == times + 1
    assert names() == [f"try {times + 1}"]


def test_after_three_tries_it_is_unavailable_and_nothing_is_written():
    service, tries = fails(3)
    with pytest.raises(ServiceUnavailable) as caught:
        service()
    assert (len(tries), names(), caught.value.details) == (3, [], {"retry_after": 1})


@pytest.mark.parametrize(
    ("error", "is_retried"),
    [
        (OperationalError(1205, "Lock wait timeout exceeded"), True),
        (OperationalError(1020, "Record has changed since last read"), True),
        (OperationalError("database is locked"), True),
        (OperationalError(2006, "Server has gone away"), False),
        (OperationalError("no such table: x"), False),
        (OperationalError(), False),
        (ValueError("ours"), False),
    ],
)
def test_only_what_is_nobodys_fault_is_tried_again(error, is_retried):
    service, tries = fails(1, error)
    if is_retried:
        assert service() == 2
    else:
        with pytest.raises(type(error)):
            service()
        assert (len(tries), names()) == (1, [])


def test_inner_services_join_and_only_the_outermost_tries_again():
    inner, tries = fails(1)

    @transactional
    def outer():
        DomainEvent.objects.create(name="outer")
        return inner()

    assert outer() == 2
    assert (len(tries), names()) == (2, ["outer", "try 2"])


def test_a_refusal_inside_undoes_all_of_it_even_when_it_is_caught():
    @transactional
    def refuses():
        DomainEvent.objects.create(name="inner")
        raise ConflictError

    @transactional
    def outer():
        DomainEvent.objects.create(name="outer")
        try:
            refuses()
        except ConflictError:
            return "went on"

    @transactional
    def goes_on():
        outer()
        DomainEvent.objects.count()

    with pytest.raises(transaction.TransactionManagementError):
        goes_on()
    assert names() == []


def test_it_knows_whether_a_transaction_is_open():
    seen = []
    assert not in_transaction()
    run_in_transaction(lambda: run_in_transaction(lambda: seen.append(in_transaction())))
    with transaction.atomic():
        seen.append(in_transaction())
    assert (seen, in_transaction()) == ([True, False], False)
    with pytest.raises(ZeroDivisionError):
        run_in_transaction(lambda: 1 // 0)
    assert not in_transaction()


def test_what_waits_for_the_commit_runs_once_after_it_and_cannot_spoil_it():
    done = []

    @transactional
    def service():
        on_commit(lambda: 1 // 0)
        on_commit(lambda: done.append(names()))
        DomainEvent.objects.create(name="written")
        assert done == []
        return "answer"

    assert service() == "answer"
    assert done == [["written"]]
    on_commit(lambda: done.append("at once"))
    assert done[1:] == ["at once"]


def test_what_waited_for_a_commit_that_never_came_is_dropped():
    done, tries = [], []

    @transactional
    def service():
        tries.append(1)
        on_commit(lambda: done.append(len(tries)))
        if len(tries) == 1:
            raise DEADLOCK

    service()
    assert done == [2]


def test_somebody_elses_lost_transaction_is_not_tried_again(monkeypatch):
    tries = []

    def service():
        tries.append(1)
        # As Django leaves it when a deadlock took the savepoint away with the whole transaction.
        monkeypatch.setattr(connection, "savepoint_rollback", fail)
        raise DEADLOCK

    def fail(sid):
        raise OperationalError(1305, "SAVEPOINT does not exist")

    with pytest.raises(ServiceUnavailable), transaction.atomic():
        run_in_transaction(service)
    assert tries == [1]
    monkeypatch.undo()
    assert names() == []


def test_a_busy_sqlite_is_waited_for_then_tried_again(settings, tmp_path, monkeypatch):
    """Real locks: another connection holds the write lock of a database file."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only; MariaDB's locks are in tests/concurrency")
    path = tmp_path / "busy.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE t (n)")
    holder.execute("BEGIN IMMEDIATE")
    mine = sqlite3.connect(path, timeout=0, isolation_level=None)
    attempts = []

    def write():
        attempts.append(1)
        if len(attempts) == 3:
            holder.execute("COMMIT")
        with connection.wrap_database_errors:
            mine.execute("INSERT INTO t VALUES (1)")

    run_in_transaction(write)
    assert len(attempts) == 3
    assert mine.execute("SELECT count(*) FROM t").fetchone() == (1,)
    assert transactions.is_retryable(OperationalError("database is locked"))
    holder.close()
    mine.close()
