"""`manage.py clock`: through everything that falls due on the way, in order, and only with DEBUG."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from ogc import clock, clock_source
from ogc.jobs import Sweep, register_sweep, sweeps
from ogc.models import ClockOffset, DomainEvent

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture(autouse=True)
def _debug(settings):
    settings.DEBUG = True


@pytest.fixture
def deadlines(monkeypatch):
    """Work that falls due at instants of platform time; `done` notes when it was done."""
    monkeypatch.setattr(sweeps, "_registered", {})
    start = clock.now()
    instants = {pk: start + timedelta(hours=hours) for pk, hours in ((1, 40), (2, 3), (3, 3.5), (4, 200))}
    done = []

    def due(limit):
        return [pk for pk, at in instants.items() if at <= clock.now()][:limit]

    def do(pk):
        late = clock.now() - instants.pop(pk)
        done.append((pk, late < timedelta(seconds=5)))
        if pk == 2:
            instants[5] = clock.now() + timedelta(minutes=10)  # what is done makes more fall due

    register_sweep(Sweep(name="test", due=due, job=do, next_due=lambda: min(instants.values(), default=None)))
    return done


def advance(span):
    out = StringIO()
    call_command("clock", advance=span, stdout=out)
    return out.getvalue().splitlines()


def test_everything_on_the_way_is_done_in_order_and_in_time(deadlines):
    before = clock.now()
    lines = advance("2d")
    assert deadlines == [(2, True), (5, True), (3, True), (1, True)]
    assert timedelta(days=2) <= clock.now() - before < timedelta(days=2, seconds=10)
    instants = [datetime.fromisoformat(line.split(": ")[0]) for line in lines[:-1]]
    assert instants == sorted(instants)
    assert max(b - a for a, b in pairwise(instants)) <= timedelta(days=1, seconds=1)


def test_facts_are_sent_on_the_way(deadlines):
    DomainEvent.objects.create(name="waits")
    advance("1h")
    assert DomainEvent.objects.get(name="waits").dispatched_at is not None


def test_the_offset_is_a_row_that_other_processes_read(deadlines):
    advance("3h")
    stored = ClockOffset.objects.get(pk=1).ahead_microseconds
    assert abs(stored - 3 * 3600 * 10**6) < 10 * 10**6
    clock.apply_offset(timedelta(0))
    clock_source.load()
    assert clock.offset() == timedelta(microseconds=stored)
    assert clock.today() == clock.now().date()
    advance("1d")
    assert ClockOffset.objects.count() == 1
    assert clock.offset() > timedelta(hours=27) - timedelta(seconds=1)


def test_real_time_does_not_move(deadlines):
    advance("30d")
    assert abs(clock.real_now() - datetime.now(UTC)) < timedelta(seconds=1)
    assert clock.now() - clock.real_now() > timedelta(days=29, hours=23)


def test_without_debug_it_is_refused_and_a_stored_offset_means_nothing(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="only moves with DEBUG"):
        advance("1h")
    assert ClockOffset.objects.count() == 0
    ClockOffset.objects.create(pk=1, ahead_microseconds=10**12)
    clock_source.load()
    assert clock.offset() == timedelta(0)


ACT_AT_REAL_TIME = {"doctor", "openapi", "scheduler", "worker", "chain_status"}
"""Commands that write nothing, or whose work is done by jobs, which read the clock themselves."""


def test_every_command_that_acts_reads_the_clock_first():
    ClockOffset.objects.create(pk=1, ahead_microseconds=3600 * 10**6)
    apps = {"ogc", "accounts", "governance", "wallets", "challenges", "notifications", "analytics"}
    ours = {name: app for name, app in get_commands().items() if app in apps}
    assert ours.keys() > ACT_AT_REAL_TIME
    for name in ours.keys() - ACT_AT_REAL_TIME - {"clock"}:
        command = load_command_class(ours[name], name)
        command.handle = lambda *_, **__: None
        clock.apply_offset(timedelta(0))
        command.execute(force_color=False, no_color=True, skip_checks=True)
        assert clock.offset() == timedelta(hours=1), name


@pytest.mark.parametrize("span", ["", "0d", "-1d", "1", "d", "1 d", "1y", "1d2h", "9999999d", "1.5h", "soon"])
def test_a_span_has_one_form(span):
    if span == "":
        assert advance(span)[-1].endswith("ahead of real time)")
        return
    with pytest.raises(CommandError, match="--advance takes a span"):
        advance(span)
    assert ClockOffset.objects.count() == 0


def test_time_never_goes_back(db):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        ClockOffset.objects.create(pk=1, ahead_microseconds=-1)
