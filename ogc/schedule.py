"""The one schedule: what runs by the clock on the wall, on which queue, how often.

Every entry is safe when two schedulers run, and finds its work in rows, so that a missed tick costs only
time.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cron:
    """A job by dotted path with either an interval in seconds or a crontab line (UTC)."""

    job: str
    queue: str
    every_seconds: int | None = None
    cron: str | None = None


CRON = [
    Cron("ogc.jobs.entry.sweep", "default", every_seconds=20),
    Cron("ogc.jobs.entry.sweep_lane", "chain", every_seconds=5),
    Cron("ogc.jobs.entry.expire_idempotency_records", "bulk", cron="17 * * * *"),
    Cron("governance.jobs.seal_audit", "default", every_seconds=1),
    Cron("governance.jobs.expire_approvals", "default", cron="7 * * * *"),
    Cron("accounts.jobs.successors_purge", "default", every_seconds=20),
    Cron("accounts.jobs.challenges_purge", "bulk", every_seconds=600),
    Cron("accounts.jobs.rows_purge", "bulk", cron="41 3 * * *"),
    Cron("accounts.jobs.files_purge", "bulk", cron="23 * * * *"),
    Cron("wallets.jobs.ledger_report_nightly", "bulk", cron="19 2 * * *"),
    Cron("wallets.jobs.lazy_accounts_fold", "default", every_seconds=1),
    Cron("wallets.jobs.popular_wallets_find", "bulk", every_seconds=60),
    Cron("wallets.jobs.liability_proof_daily", "bulk", every_seconds=300),
    Cron("analytics.jobs.count_recent_days", "analytics", every_seconds=60),
    Cron("analytics.jobs.count_late_days", "analytics", cron="41 * * * *"),
]
