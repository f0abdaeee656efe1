"""Writing the audit trail, and erasing its personal part."""

import secrets
from typing import Any

from auditlog.models import LogEntry
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType

from accounts.selectors import user_pk
from governance.constants import ACTION_LENGTH, REASON_LENGTH, TARGET_ID_LENGTH, TARGET_TYPE_LENGTH, Severity
from governance.models import AuditPersonal, AuditRecord
from governance.models.audit import IP_LENGTH, USER_AGENT_LENGTH
from governance.rules import canonical_json, masked, personal_hash, record_hash
from ogc import clock, context
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import transactional

_CONTEXT_ID_LENGTH = 64


@transactional
def audit_record(
    *,
    actor: Actor,
    action: str,
    target_type: str = "",
    target_id: str = "",
    severity: str = Severity.INFO,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write one record in the caller's transaction: no change without its record, and the other way round.

    Args:
        before, after: what changed, as JSON values; whatever is named like a secret is masked whole.

    Effects: two inserts (one where no address is known). Address and agent go to the erasable side row; the
    record keeps their salted hash.
    """
    asked = context.current()
    ip, agent = asked.ip[:IP_LENGTH], asked.user_agent[:USER_AGENT_LENGTH]
    salt = secrets.token_hex(16) if ip or agent else ""
    record = AuditRecord(
        created_at=clock.now(),
        stored_at=clock.real_now(),
        action=action[:ACTION_LENGTH],
        severity=Severity(severity),
        actor_kind=actor.kind,
        actor_id=actor.key[:TARGET_ID_LENGTH],
        target_type=target_type[:TARGET_TYPE_LENGTH],
        target_id=target_id[:TARGET_ID_LENGTH],
        reason=reason[:REASON_LENGTH],
        before=_as_text(before),
        after=_as_text(after),
        request_id=asked.request_id[:_CONTEXT_ID_LENGTH],
        correlation_id=asked.correlation_id[:_CONTEXT_ID_LENGTH],
        personal_hash=personal_hash(salt, ip, agent) if salt else "",
    )
    record.content_hash = record_hash(vars(record))
    record.save(force_insert=True)
    if salt:
        AuditPersonal(record=record, salt=salt, ip=ip, user_agent=agent).save(force_insert=True)


@transactional
def audit_personal_erase(*, actor: Actor = SYSTEM, user_id: str) -> int:
    """Delete addresses, agents and salts of a person's records; the records and their chain stay whole.

    The same parts (address, e-mail, name) of the log of model changes and of the admin site's are emptied.

    Returns:
        How many side rows were deleted.
    """
    pk = user_pk(user_id)
    erased, _ = AuditPersonal.objects.filter(record__actor_id=user_id).delete()
    LogEntry.objects.filter(actor_id=pk).update(remote_addr=None, remote_port=None, actor_email=None)
    of_user = ContentType.objects.get_for_model(get_user_model())
    LogEntry.objects.filter(content_type=of_user, object_pk=str(pk)).update(object_repr=user_id)
    AdminEntry.objects.filter(content_type=of_user, object_id=str(pk)).update(object_repr=user_id)
    audit_record(
        actor=actor,
        action="audit.personal_erased",
        target_type="user",
        target_id=user_id,
        severity=Severity.WARNING,
        after={"rows": erased},
    )
    return erased


def _as_text(value: dict[str, Any] | None) -> str:
    return "" if value is None else canonical_json(masked(value))
