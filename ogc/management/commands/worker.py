"""`manage.py worker`: two RQ workers, so that a long job on one queue never holds up another."""

import logging
import os
import signal
import sys
import time
from typing import Any

import django_rq
from django.core.management.base import BaseCommand
from django.db import connections
from rq import Worker

from ogc.processes import die_with_parent

# The first takes money first, the second what the first leaves, from the other end.
QUEUES_OF_WORKERS: tuple[tuple[str, ...], ...] = (
    ("chain", "default", "mail"),
    ("mail", "default", "bulk", "analytics", "chain"),
)
RESTART_SECONDS = 1.0

log = logging.getLogger(__name__)


class PlatformWorker(Worker):
    """RQ's fork worker that is back soon after Redis is."""

    max_connection_wait_time = 2.0


class Command(BaseCommand):
    """Fork the workers, start again whichever ends, pass the end on to them."""

    help = "Runs background jobs of all queues until it is told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs until SIGTERM or SIGINT; a worker finishes its current job first."""
        self.workers: dict[int, tuple[str, ...]] = {}
        self.stopping = False
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        for queues in QUEUES_OF_WORKERS:
            self._start(queues)
        while self.workers:
            pid, status = os.wait()
            queues = self.workers.pop(pid)
            if not self.stopping:
                log.warning("worker ended", extra={"queues": queues, "status": status})
                time.sleep(RESTART_SECONDS)
            if not self.stopping:
                self._start(queues)

    def _stop(self, *_: object) -> None:
        if self.stopping:
            return
        self.stopping = True
        for pid in list(self.workers):
            os.kill(pid, signal.SIGTERM)

    def _start(self, queues: tuple[str, ...]) -> None:
        connections.close_all()
        pid = os.fork()
        if pid:
            self.workers[pid] = queues
            return
        work(queues)


def work(queues: tuple[str, ...]) -> None:
    """The life of one forked worker; never returns.

    It leads a process group of its own: a signal to the whole platform then reaches it once, from its parent,
    and not twice, which RQ takes for "drop the current job".
    """
    os.setpgrp()
    die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = 1
    try:
        django_rq.get_worker(*queues, worker_class=PlatformWorker).work(logging_level="WARNING")
        code = 0
    except Exception:
        log.exception("worker failed")
    finally:
        sys.stdout.flush()
        os._exit(code)
