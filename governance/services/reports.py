"""Reports of people about things that they saw."""

from django.db import IntegrityError

from accounts.selectors import user_pk
from governance.errors import ReportAlreadyMade
from governance.models import Report
from governance.ports import moderation_targets
from governance.services.incidents import incident_open
from ogc import access
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotAuthenticated, NotFound, ValidationFailed


@transactional
def report_create(*, actor: Actor, target_type: str, target_id: str, reason: str, text: str) -> Report:
    """Report a target; all reports on it merge into one open incident.

    Raises:
        NotAuthenticated: only people report.
        ValidationFailed: a kind of target that nobody registered.
        NotFound: no such target.
        ReportAlreadyMade: one report per person and target.

    Effects: one report; opens an incident when the target has no open one.
    """
    access.require(actor, "reports.create", scope="self")
    if actor.user_id is None:
        raise NotAuthenticated
    target = moderation_targets.get(target_type)
    if target is None:
        known = ", ".join(sorted(moderation_targets))
        raise ValidationFailed({"target_type": [("invalid_choice", f"One of: {known}.")]})
    if not target.exists(target_id):
        raise NotFound
    reporter = user_pk(actor.user_id)
    if Report.objects.filter(reporter=reporter, target_type=target_type, target_id=target_id).exists():
        raise ReportAlreadyMade
    try:
        return Report.objects.create(
            reporter_id=reporter,
            incident=incident_open(target_type=target_type, target_id=target_id),
            target_type=target_type,
            target_id=target_id,
            reason=reason,
            text=text,
        )
    except IntegrityError as error:
        raise ReportAlreadyMade from error
