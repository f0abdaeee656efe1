"""Figures of the whole platform, read from rows when they are asked for."""

from django.conf import settings
from django.db.models import Count
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from redis.exceptions import RedisError
from rq import Queue

from ogc import reader, redis
from ogc.jobs.sweeps import registered
from ogc.models import DomainEvent, EventConsumption

MOST = 10_000


class PlatformCollector:
    """Depth of the outbox, of the queues, and the age of the reader."""

    def collect(self) -> list[GaugeMetricFamily]:
        """Read now; a part that can't be read is left out."""
        return [self._outbox(), self._consumptions(), *self._queues(), self._reader()]

    def _outbox(self) -> GaugeMetricFamily:
        gauge = GaugeMetricFamily("ogc_due_rows", "Rows whose work is due, at most 10000.", labels=["kind"])
        gauge.add_metric(["events"], DomainEvent.objects.filter(dispatched_at=None)[:MOST].count())
        for sweep in registered():
            gauge.add_metric([sweep.name], sum(1 for _ in sweep.due(MOST)))
        return gauge

    def _consumptions(self) -> GaugeMetricFamily:
        gauge = GaugeMetricFamily("ogc_event_consumptions", "Consumers that failed.", labels=["status"])
        failed = EventConsumption.objects.exclude(status=EventConsumption.Status.DONE)
        for status, count in failed.values_list("status").annotate(count=Count("id")):
            gauge.add_metric([status], count)
        return gauge

    def _queues(self) -> list[GaugeMetricFamily]:
        gauge = GaugeMetricFamily("ogc_queue_jobs", "Jobs that wait in Redis.", labels=["queue"])
        try:
            for name in settings.QUEUES:
                gauge.add_metric([name], redis.client().llen(Queue.redis_queue_namespace_prefix + name))
        except RedisError:
            return []
        return [gauge]

    def _reader(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "ogc_reader_age_seconds", "Age of the reader's last read.", reader.age_seconds()
        )


_collector = PlatformCollector()


def exposition() -> bytes:
    """Everything, in Prometheus text format."""
    families = _TextRegistry(_collector)
    return generate_latest(REGISTRY) + generate_latest(families)


class _TextRegistry:
    def __init__(self, collector: PlatformCollector) -> None:
        self._collector = collector

    def collect(self) -> list[GaugeMetricFamily]:
        return self._collector.collect()
