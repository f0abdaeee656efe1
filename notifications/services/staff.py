"""Telling those of the staff who hold a scope."""

from collections.abc import Mapping

from governance.selectors import staff_with_scope
from notifications.constants import STAFF_CHUNK_PEOPLE
from notifications.services.notify import notify
from notifications.signals import staff_notices_due
from ogc.actors import Actor
from ogc.db.transactions import transactional


@transactional
def staff_notify(
    *,
    actor: Actor,
    event_id: str,
    scope: str,
    template: str,
    context: Mapping[str, str],
    about: str = "",
    after: str = "",
) -> None:
    """Notify the holders of a scope, a chunk in each transaction.

    Args:
        event_id: public id of the fact, the same for all chunks: nobody hears of it twice.
        about: public id of the user it is about, if any, who is not told as staff.
        after: public id of the last one told.

    Effects: see `notify`; event `staff_notices_due` while there may be more.
    """
    people = staff_with_scope(scope, after=after, limit=STAFF_CHUNK_PEOPLE)
    for user_id in people:
        if user_id != about:
            notify(
                actor=actor,
                event_id=event_id,
                user_id=user_id,
                template=template,
                context=context,
                data={"user_id": about} if about else {},
            )
    if len(people) == STAFF_CHUNK_PEOPLE:
        staff_notices_due.emit(
            event_id=event_id,
            scope=scope,
            template=template,
            context=dict(context),
            about=about,
            after=people[-1],
        )
