"""What accounts does when something happened."""

from accounts import ports
from accounts.signals import account_closed
from ogc.events import Event, consumes


@consumes(account_closed, name="accounts.personal_erase")
def erase_traces_of_closed(event: Event) -> None:
    """Addresses and agents in the audit trail go with the account, those of its closing too."""
    ports.personal_erase(user_id=event.payload["user_id"])
