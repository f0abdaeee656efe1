"""Incidents: one open case for each target."""

from governance.constants import SEVERITY_ORDER, IncidentSeverity
from governance.locks import lock_incident
from governance.models import Incident
from ogc.db.transactions import transactional


@transactional
def incident_open(
    *,
    target_type: str,
    target_id: str,
    severity: IncidentSeverity = IncidentSeverity.NORMAL,
    summary: str = "",
) -> Incident:
    """The open incident of a target, opened when there is none. Called by other services, never at an edge.

    Args:
        severity: raises that of an incident that is open already, and never lowers it.
        summary: what the platform says; replaces what it said before, where it says something.
    """
    incident, is_new = Incident.objects.get_or_create(
        open_key=f"{target_type}:{target_id}",
        defaults={
            "target_type": target_type,
            "target_id": target_id,
            "severity": severity,
            "summary": summary,
        },
    )
    if not is_new:
        incident = lock_incident(incident.pk)
        incident.severity = max(incident.severity, severity, key=SEVERITY_ORDER.index)
        incident.summary = summary or incident.summary
        incident.save(update_fields=["severity", "summary"])
    return incident
