"""Facts of notifications; ids are public ids."""

from ogc.events import DomainSignal

staff_notices_due = DomainSignal(
    "notifications.staff_notices_due", args=("event_id", "scope", "template", "context", "about", "after")
)
