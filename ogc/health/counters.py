"""Counters of each process, for /metrics."""

from prometheus_client import Counter, Histogram

ENQUEUE_FAILURES = Counter("ogc_enqueue_failures_total", "Jobs that could not be put into Redis.")
REQUESTS = Counter("ogc_requests_total", "Requests answered.", ["method", "status"])
REQUEST_SECONDS = Histogram(
    "ogc_request_seconds",
    "Time to answer.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
