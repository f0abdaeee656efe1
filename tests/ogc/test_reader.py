"""The process-wide reader: nothing it knows is older than two seconds; its thread outlives failures."""

import threading
import time

import pytest

from ogc import reader


@pytest.fixture
def sources(monkeypatch, settings):
    """No sources, nothing read yet, no thread, and the bound of production."""
    settings.READER_MAX_AGE_SECONDS = 2.0
    monkeypatch.setattr(reader, "_sources", {})
    monkeypatch.setattr(reader, "_last_read", float("-inf"))
    monkeypatch.setattr(reader, "_thread", None)


@pytest.fixture
def reads(sources):
    made = []
    reader.register_source("counted", lambda: made.append(threading.current_thread().name))
    return made


def age(seconds):
    reader._last_read = time.monotonic() - seconds


def test_a_process_that_never_read_reads_in_the_request(reads):
    assert reader.age_seconds() == float("inf")
    reader.fresh()
    assert (len(reads), reader.age_seconds() < 1) == (1, True)


def test_what_is_fresh_is_not_read_again_and_what_is_not_is(reads):
    age(1.5)
    reader.fresh()
    assert reads == []
    age(2.1)
    reader.fresh()
    reader.fresh()
    assert len(reads) == 1


def test_the_age_counts_from_the_start_of_the_read(sources):
    reader.register_source("slow", lambda: time.sleep(0.2))
    reader.refresh()
    assert reader.age_seconds() >= 0.2


def test_a_failing_source_lets_nothing_count_as_read(reads):
    def fail():
        raise OSError("database away")

    reader.register_source("broken", fail)
    for _ in range(2):
        with pytest.raises(OSError, match="database away"):
            reader.fresh()
    assert reader.age_seconds() == float("inf")
    reader.register_source("broken", lambda: None)
    reader.fresh()
    assert reader.age_seconds() < 1


def test_requests_that_wait_for_one_read_share_it(sources):
    reads, inside, go_on = [], threading.Event(), threading.Event()

    def slow():
        reads.append(1)
        inside.set()
        go_on.wait(5)

    reader.register_source("slow", slow)
    threads = [threading.Thread(target=reader.fresh) for _ in range(4)]
    threads[0].start()
    inside.wait(5)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert len(reads) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_thread_reads_again_and_outlives_failures(sources, monkeypatch, caplog):
    reads, enough = [], threading.Event()

    def sometimes():
        reads.append(threading.current_thread().name)
        if len(reads) == 4:
            enough.set()
        if len(reads) == 2:
            raise OSError("once")
        if len(reads) > 4:
            raise SystemExit  # ends the thread of this test

    monkeypatch.setattr(reader, "INTERVAL_SECONDS", 0.01)
    reader.register_source("sometimes", sometimes)
    reader.start()
    assert reads[0] == threading.current_thread().name
    reader.start()
    assert enough.wait(5)
    assert set(reads[1:4]) == {"ogc-reader"}
    assert [record.message for record in caplog.records] == ["reader could not read"]
    reader._thread.join(5)
    assert not reader._thread.is_alive()


def test_a_start_without_a_database_serves_and_reads_later(sources, monkeypatch):
    def fail():
        raise OSError("not yet")

    monkeypatch.setattr(reader, "_run", lambda: None)
    reader.register_source("broken", fail)
    reader.start()
    assert reader.age_seconds() == float("inf")
