"""Domain events: facts written with the change that made them true, told to consumers exactly once each."""

from ogc.events.dispatch import drain
from ogc.events.signals import DomainSignal, Event, consumes, consumes_all

__all__ = ["DomainSignal", "Event", "consumes", "consumes_all", "drain"]
