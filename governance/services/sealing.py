"""The sealer: chains audit records, each second, one position after the other."""

import logging

from django.db import IntegrityError

from governance import audit_head
from governance.constants import GENESIS_HASH, SEAL_BATCH_ROWS
from governance.models import AuditSeal
from governance.rules import chain_hash, instant_text
from governance.selectors import audit_newest_seal, audit_records_unsealed
from ogc import clock
from ogc.db.transactions import run_in_transaction

log = logging.getLogger(__name__)


def audit_seal() -> int:
    """Seal all records that are not sealed yet, then move the head outside the database.

    Safe with two sealers: both would write the same position, and the unique key lets one of them. Nothing
    is sealed on a chain that does not hold the head any more: it was cut or rewritten, and `verify_audit`
    must go on saying so.

    Returns:
        How many records this call sealed.
    """
    if not _holds_head():
        return 0
    total = 0
    try:
        while sealed := run_in_transaction(_seal_batch):
            total += sealed
    except IntegrityError:
        log.info("another sealer was first")
    newest = audit_newest_seal()
    if newest is not None:
        audit_head.advance(audit_head.Head(newest.position, newest.chain_hash))
    return total


def _holds_head() -> bool:
    try:
        head = audit_head.read()
    except audit_head.HeadUnreadable:
        log.critical("audit head file is unreadable", extra={"path": str(audit_head.path())})
        return False
    if head is None or head.count == 0:
        return True
    if AuditSeal.objects.filter(position=head.count, chain_hash=head.hash).exists():
        return True
    log.critical("audit chain does not hold its head", extra={"count": head.count, "hash": head.hash})
    return False


def _seal_batch() -> int:
    newest = audit_newest_seal()
    position, previous = (newest.position, newest.chain_hash) if newest else (0, GENESIS_HASH)
    now = clock.real_now()
    seals = []
    for record_pk, record_id, content_hash in audit_records_unsealed(after=newest, limit=SEAL_BATCH_ROWS):
        position += 1
        link = chain_hash(previous, position, record_id, content_hash, instant_text(now))
        seals.append(
            AuditSeal(
                position=position,
                record_id=record_pk,
                content_hash=content_hash,
                previous_hash=previous,
                chain_hash=link,
                sealed_at=now,
            )
        )
        previous = link
    AuditSeal.objects.bulk_create(seals)
    return len(seals)
