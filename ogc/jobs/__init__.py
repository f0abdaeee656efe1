"""Background work: rows are the outbox, jobs are only a quick way to them, the sweeper finds what was lost.

`outbox` holds the lease, `queues` the best-effort enqueueing, `sweeps` what the apps register, `entry` the
jobs of the plumbing itself, `ogc.schedule` the cron table.
"""

from ogc.jobs.entry_point import job
from ogc.jobs.outbox import Lease, LeaseLost, OutboxRow, claim
from ogc.jobs.queues import enqueue, poke
from ogc.jobs.sweeps import Sweep, register_sweep

__all__ = ["Lease", "LeaseLost", "OutboxRow", "Sweep", "claim", "enqueue", "job", "poke", "register_sweep"]
