"""Entry points of the analytics queue."""

from analytics.services.counts import days_count, late_days_count
from ogc.jobs import job


@job
def count_recent_days() -> int:
    """Count today and yesterday again; each minute."""
    return len(days_count(days_back=1))


@job
def count_late_days() -> int:
    """Count again all days that late batches may have changed; each hour."""
    return len(late_days_count())
