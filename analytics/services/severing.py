"""Cutting the events of a closed account off its person."""

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from accounts.selectors import user_pk
from analytics.models import Event
from ogc.db.transactions import transactional


@transactional
def events_sever(*, user_id: str) -> int:
    """Take the person out of their events: they keep counting, whose they were is gone; returns how many.

    The key by which a client's event ids are unique names the person too, and is replaced.

    Idempotency: what is severed is not found again.
    """
    key = Concat(Value("severed:"), Cast("pk", CharField()))
    theirs = Event.objects.filter(user_id=user_pk(user_id))
    return theirs.update(user=None, session_id="", dedupe_key=key)
