"""Taking in events, from clients and from the platform itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.selectors import open_user_pk, user_pk
from analytics import rules
from analytics.constants import USER_KEYS
from analytics.inserts import EventRow, events_insert
from ogc import access, clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.ids import uuid7


@dataclass(frozen=True, slots=True)
class IngestResult:
    """`rejected` holds (index in the batch, why), in order; accepted + duplicates + rejected = all."""

    accepted: int
    duplicates: int
    rejected: list[tuple[int, rules.Rejection]]


def events_ingest(*, actor: Actor, events: Sequence[object]) -> IngestResult:
    """Store a client's batch: what is good is taken, each bad one is named.

    Args:
        actor: the caller; events of a signed-in user belong to that user, whatever they say.
        events: 1 to 500 JSON values.

    Raises:
        NotAuthenticated: nobody is signed in and ANALYTICS_ANONYMOUS is off.
        PermissionDenied: a policy refuses, or a service token asks.

    Effects: one INSERT of all rows that are new, which is a transaction of its own.

    Idempotency: by (caller, event_id); events without an id are always new.
    """
    if actor.is_authenticated or not settings.ANALYTICS_ANONYMOUS:
        access.require(actor, "analytics.ingest", scope="self")
    now = clock.now()
    user_row = user_pk(actor.user_id) if actor.user_id else None
    caller = str(user_row) if user_row else actor.kind
    rows: list[EventRow] = []
    rejected: list[tuple[int, rules.Rejection]] = []
    for index, raw in enumerate(events):
        try:
            event = rules.event_accept(raw, now=now)
        except rules.NotAccepted as refused:
            rejected.append((index, refused.rejection))
            continue
        key = f"{caller}:{event.event_id or uuid7()}"
        rows.append(EventRow(key, event.name, event.ts, user_row, event.session_id, event.properties))
    accepted = events_insert(rows, received_at=now)
    return IngestResult(accepted=accepted, duplicates=len(rows) - accepted, rejected=rejected)


@transactional
def domain_event_store(
    *, event_id: str, name: str, occurred_at: datetime, payload: Mapping[str, Any]
) -> None:
    """Store one of the platform's own facts, with its person unless that account is closed.

    Idempotency: by the id of the fact.
    """
    properties = rules.properties_without_secrets(payload)
    user_key = next((key for key in USER_KEYS if properties.get(key)), None)
    row = EventRow(
        dedupe_key=f"platform:{event_id}",
        name=name,
        ts=occurred_at,
        user=open_user_pk(properties.pop(user_key)) if user_key else None,
        session_id="",
        properties=properties,
    )
    events_insert([row], received_at=clock.now())
