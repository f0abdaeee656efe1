"""`manage.py scheduler`: puts the jobs of `ogc.schedule` into their queues when they are due."""

import logging
import signal
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string
from django_rq.cron import DjangoCronScheduler
from redis.exceptions import RedisError

from ogc.schedule import CRON

LONGEST_SLEEP_SECONDS = 5.0
REDIS_WAIT_SECONDS = 1.0

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """RQ's cron scheduler that outlives Redis: the jobs make up for ticks that were missed without it."""

    help = "Enqueues the jobs of the schedule until it is told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs until SIGTERM or SIGINT. Two at once do no harm: every job of the schedule is idempotent."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: sys.exit(0))
        scheduler = build_scheduler()
        while True:
            try:
                if scheduler.enqueue_jobs():
                    scheduler.heartbeat()
                seconds = min(scheduler.calculate_sleep_interval(), LONGEST_SLEEP_SECONDS)
            except RedisError as error:
                log.warning("no Redis, trying again", extra={"error": repr(error)})
                seconds = REDIS_WAIT_SECONDS
            time.sleep(seconds)


def build_scheduler() -> DjangoCronScheduler:
    """The scheduler with all entries; a job that nobody took by its next tick is dropped, not piled up."""
    logging.getLogger("rq.cron").setLevel(logging.WARNING)
    scheduler = DjangoCronScheduler(logging_level=logging.WARNING)
    for entry in CRON:
        scheduler.register(
            import_string(entry.job),
            queue_name=entry.queue,
            interval=entry.every_seconds,
            cron=entry.cron,
            ttl=entry.every_seconds,
            result_ttl=60,
            failure_ttl=86400,
        )
    return scheduler
