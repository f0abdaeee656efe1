"""What governance does when something happened elsewhere."""

from accounts.signals import user_reinstated, user_suspended
from governance import ports
from ogc.events import Event, consumes


@consumes(user_suspended, name="governance.freeze_wallet")
def freeze_wallet_of_suspended(event: Event) -> None:
    """A suspended user's tokens do not move out."""
    ports.freeze_wallet(user_id=event.payload["user_id"], reason="suspended")


@consumes(user_reinstated, name="governance.release_wallet")
def release_wallet_of_reinstated(event: Event) -> None:
    """Who is let back in may move tokens again."""
    ports.release_wallet(user_id=event.payload["user_id"], reason="reinstated")
