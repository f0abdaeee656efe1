"""What governance does when something happened elsewhere."""

from accounts.signals import activity_denied, user_reinstated, user_suspended
from governance import ports
from governance.constants import IncidentSeverity
from governance.services import incident_open
from ogc.events import Event, consumes


@consumes(user_suspended, name="governance.freeze_wallet")
def freeze_wallet_of_suspended(event: Event) -> None:
    """A suspended user's tokens do not move out."""
    ports.freeze_wallet(user_id=event.payload["user_id"], reason="suspended")


@consumes(user_reinstated, name="governance.release_wallet")
def release_wallet_of_reinstated(event: Event) -> None:
    """Who is let back in may move tokens again."""
    ports.release_wallet(user_id=event.payload["user_id"], reason="reinstated")


@consumes(activity_denied, name="governance.open_incident")
def open_incident_of_denial(event: Event) -> None:
    """Somebody says that another person was in their account: staff talk to them and release the wallet."""
    kind = event.payload["kind"].replace("_", " ")
    incident_open(
        target_type="user",
        target_id=event.payload["user_id"],
        severity=IncidentSeverity.HIGH,
        summary=f"This wasn't me, says the owner of the line: {kind}. The sessions are over and the wallet "
        "is held: talk to the person, then unfreeze it.",
    )
