"""What accounts tells of a linked address: lines of the timeline and the fact for others.

The link itself is a column of wallets.
"""

from accounts.constants import ActivityKind
from accounts.selectors import user_get
from accounts.services.activity import activity_record
from accounts.signals import address_linked
from accounts.timeline import FOLLOWS
from ogc.actors import Actor


def address_change_record(*, actor: Actor, user_id: str, linked: str = "", unlinked: str = "") -> None:
    """Tell the owner of an account that an address came or went, in the caller's transaction.

    Args:
        actor: the system, where a denial or a reset took the address off: the line then can't be denied.
        user_id: public id of the owner.
        linked, unlinked: EIP-55 addresses; empty: none.

    Effects: a line of the timeline for each, which is mailed; event `address_linked`.
    """
    user = user_get(user_id)
    if unlinked:
        details = {"address": unlinked} | (FOLLOWS if actor.kind == "system" else {})
        activity_record(user, ActivityKind.ADDRESS_UNLINKED, actor=actor, **details)
    if linked:
        activity_record(user, ActivityKind.ADDRESS_LINKED, actor=actor, address=linked)
        address_linked.emit(user_id=user_id, address=linked)
