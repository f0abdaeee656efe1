"""What governance does when something happened elsewhere."""

from accounts.signals import user_suspended
from governance import ports
from ogc.events import Event, consumes


@consumes(user_suspended, name="governance.freeze_wallet")
def freeze_wallet_of_suspended(event: Event) -> None:
    """A suspended user's tokens do not move out."""
    ports.freeze_wallet(user_id=event.payload["user_id"], reason="suspended")
