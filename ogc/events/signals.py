"""Declaring facts and consuming them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.dispatch import Signal

from ogc import clock, context
from ogc.db.statements import InsertStatement
from ogc.db.transactions import in_transaction
from ogc.ids import uuid7

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A fact as its consumers see it; `id` is public, `payload` holds ids and plain values."""

    id: str
    name: str
    occurred_at: datetime
    correlation_id: str
    payload: Payload


Handler = Callable[[Event], None]


class DomainSignal(Signal):
    """A fact of an app, in the past tense, with its argument list: ("wallets.transfer_settled", args=(…))."""

    registry: "dict[str, DomainSignal]" = {}

    def __init__(self, name: str, args: tuple[str, ...]) -> None:
        super().__init__()
        if name in DomainSignal.registry:
            raise ValueError(f"two signals named {name}")
        self.name, self.args = name, frozenset(args)
        self.consumers: dict[str, Handler] = {}
        DomainSignal.registry[name] = self

    def emit(self, **payload: Any) -> None:
        """Write the fact in the caller's transaction; it is sent after the commit.

        Raises:
            ValueError: the arguments are not those that were declared.
            RuntimeError: no transaction is open, so the fact could be true without being told.
        """
        if self.args != payload.keys():
            raise ValueError(f"{self.name} takes {sorted(self.args)}, not {sorted(payload)}")
        if not in_transaction():
            raise RuntimeError(f"{self.name} must be emitted inside the transaction that makes it true")
        from ogc.events.dispatch import announce

        values = (uuid7(), self.name, payload, context.current().correlation_id, clock.now(), None)
        _insert().execute([values])
        announce()


def consumes(signal: DomainSignal, *, name: str) -> Callable[[Handler], Handler]:
    """Connect a consumer under a name that is unique for the signal and never changes."""

    def connect(handler: Handler) -> Handler:
        if signal.consumers.get(name, handler) is not handler:
            raise ValueError(f"two consumers named {name} of {signal.name}")
        signal.consumers[name] = handler
        return handler

    return connect


_of_all: dict[str, Handler] = {}


def consumes_all(*, name: str) -> Callable[[Handler], Handler]:
    """Connect a consumer to every signal."""

    def connect(handler: Handler) -> Handler:
        _of_all[name] = handler
        return handler

    return connect


def consumers_of(event_name: str) -> dict[str, Handler]:
    """Consumers of a fact by their names; only the general ones for a fact that nobody declares."""
    signal = DomainSignal.registry.get(event_name)
    return (signal.consumers if signal else {}) | _of_all


_statement: InsertStatement | None = None


def _insert() -> InsertStatement:
    global _statement
    if _statement is None:
        from ogc.models import DomainEvent

        _statement = InsertStatement(
            DomainEvent, "public_id", "name", "payload", "correlation_id", "occurred_at", "dispatched_at"
        )
    return _statement
