"""What wallets does when something happened, its own facts included."""

from governance.constants import IncidentSeverity
from governance.services.incidents import incident_open
from ogc.events import Event, consumes
from wallets.signals import ledger_found_wrong


@consumes(ledger_found_wrong, name="wallets.ledger_incident")
def open_incident_of_ledger(event: Event) -> None:
    """One open incident, however often the ledger is found wrong."""
    checks = ", ".join(event.payload["checks"])
    incident_open(
        target_type="ledger",
        target_id="reconcile",
        severity=IncidentSeverity.SEVERE,
        summary=f"The check of the ledger found rules that do not hold: {checks}. The report "
        f"{event.payload['report_id']} names the accounts and transactions.",
    )
