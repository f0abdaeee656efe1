"""Every fact of the platform is also an event to be counted."""

from accounts.signals import account_closed
from analytics.services.ingest import domain_event_store
from analytics.services.severing import events_sever
from ogc.events import Event, consumes, consumes_all


@consumes_all(name="analytics.events")
def store_event(event: Event) -> None:
    """Keep the fact under its own name."""
    domain_event_store(
        event_id=event.id, name=event.name, occurred_at=event.occurred_at, payload=event.payload
    )


@consumes(account_closed, name="analytics.sever")
def sever_closed(event: Event) -> None:
    """Events keep counting, without the person."""
    events_sever(user_id=event.payload["user_id"])
