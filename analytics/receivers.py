"""Every fact of the platform is also an event to be counted."""

from analytics.services.ingest import domain_event_store
from ogc.events import Event, consumes_all


@consumes_all(name="analytics.events")
def store_event(event: Event) -> None:
    """Keep the fact under its own name."""
    domain_event_store(
        event_id=event.id, name=event.name, occurred_at=event.occurred_at, payload=event.payload
    )
