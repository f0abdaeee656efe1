"""Tables of the plumbing."""

from ogc.models.clock import ClockOffset
from ogc.models.events import DomainEvent, EventConsumption
from ogc.models.idempotency import IdempotencyRecord

__all__ = ["ClockOffset", "DomainEvent", "EventConsumption", "IdempotencyRecord"]
