"""Proving that the audit trail is whole; only reads.

Finds: an edited record or seal, a removed or inserted one, records or seals that changed places, a cut tail
(against the head outside the database), and records that stay unsealed.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from governance import audit_head
from governance.constants import GENESIS_HASH, UNSEALED_ALARM_SECONDS
from governance.rules import chain_hash, instant_text, personal_hash, record_hash
from governance.selectors import (
    SealRow,
    audit_newest_seal,
    audit_records_by_pk,
    audit_records_unsealed_pages,
    audit_seals_after,
)
from ogc import clock

PROBLEMS_SHOWN = 10
OK, WRONG, UNKNOWN = "ok", "wrong", "unknown"


@dataclass(slots=True)
class Check:
    """One question and its answer: ok, wrong, or unknown."""

    name: str
    status: str = OK
    detail: str = ""
    problems: list[str] = field(default_factory=list)
    problems_count: int = 0

    def wrong(self, problem: str) -> None:
        """Note a problem; the first ones are told, the rest counted."""
        self.status = WRONG
        self.problems_count += 1
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(problem)
        more = self.problems_count - len(self.problems)
        self.detail = "; ".join(self.problems) + (f"; and {more} more" if more else "")


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """The checks `records`, `personal`, `chain`, `sealed`, `head`; ok when none is wrong."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.status != WRONG for check in self.checks)

    def as_json(self) -> dict[str, object]:
        """`{ok, checks: [{name, status, detail}]}` (api.md)."""
        checks = [{"name": c.name, "status": c.status, "detail": c.detail} for c in self.checks]
        return {"ok": self.ok, "checks": checks}


def audit_verify(*, newest: int | None = None) -> AuditVerification:
    """Check the trail; memory does not grow with its length.

    Args:
        newest: only so many of the newest seals (the one before them is taken for granted); all when None.
    """
    head_check = Check("head")
    # Read before the database, which only grows: the head is never ahead of an honest chain.
    head = _read_head(head_check)
    last = audit_newest_seal()
    count = last.position if last else 0
    start = max(0, count - newest) if newest is not None else 0
    walk = _Walk(start)
    walk.run()
    _check_head(head_check, head, count)
    if start:
        walk.chain.detail = walk.chain.detail or f"seals {start + 1} to {walk.position}"
    return AuditVerification(
        (walk.records, walk.personal, walk.chain, _check_unsealed(walk.records), head_check)
    )


class _Walk:
    """One pass over the seals from a position, with the records that they name."""

    def __init__(self, start: int) -> None:
        self.records, self.personal, self.chain = Check("records"), Check("personal"), Check("chain")
        self.position = start
        self.previous = self._hash_at(start)

    def run(self) -> None:
        """Look at every seal after the start, a page at a time."""
        while page := audit_seals_after(self.position):
            records = audit_records_by_pk([seal.record_pk for seal in page])
            for seal in page:
                self._seal(seal, records.get(seal.record_pk))

    def _seal(self, seal: SealRow, record: dict[str, object] | None) -> None:
        if seal.position != self.position + 1:
            self.chain.wrong(f"seals {self.position + 1} to {seal.position - 1} are missing")
        if seal.previous_hash != self.previous:
            self.chain.wrong(f"seal {seal.position} does not follow the one before it")
        if record is None:
            self.records.wrong(f"the record of seal {seal.position} is missing")
        else:
            self._record(seal, record)
        self.position, self.previous = seal.position, seal.chain_hash

    def _record(self, seal: SealRow, record: dict[str, object]) -> None:
        public_id = str(record["public_id"])
        if record["content_hash"] != seal.content_hash or record_hash(record) != seal.content_hash:
            self.records.wrong(f"record {public_id} was edited (seal {seal.position})")
        expected = chain_hash(
            seal.previous_hash, seal.position, public_id, seal.content_hash, instant_text(seal.sealed_at)
        )
        if expected != seal.chain_hash:
            self.chain.wrong(f"seal {seal.position} was edited or moved")
        check_personal(self.personal, record)

    @staticmethod
    def _hash_at(position: int) -> str:
        if position == 0:
            return GENESIS_HASH
        page = audit_seals_after(position - 1, limit=1)
        return page[0].chain_hash if page else GENESIS_HASH


def check_personal(check: Check, record: dict[str, object]) -> None:
    """A side row that is still there must be the one that was hashed; an erased one proves nothing."""
    salt = record["personal__salt"]
    if salt is None:
        return
    ip, agent = str(record["personal__ip"]), str(record["personal__user_agent"])
    if personal_hash(str(salt), ip, agent) != record["personal_hash"]:
        check.wrong(f"the personal part of record {record['public_id']} was edited")


def _read_head(check: Check) -> audit_head.Head | None:
    try:
        return audit_head.read()
    except audit_head.HeadUnreadable:
        check.wrong(f"{audit_head.path()} does not hold a head")
        return None


def _check_head(check: Check, head: audit_head.Head | None, count: int) -> None:
    if check.status == WRONG:
        return
    if head is None:
        if count:
            check.wrong(f"{audit_head.path()} is missing although there are {count} seals")
        return
    if head.count > count:
        check.wrong(f"the tail was cut: {count} seals where the head counts {head.count}")
    elif head.count:
        page = audit_seals_after(head.count - 1, limit=1)
        if not page or page[0].position != head.count or page[0].chain_hash != head.hash:
            check.wrong(f"seal {head.count} is not the one that the head names")


def _check_unsealed(records: Check) -> Check:
    check = Check("sealed")
    deadline = clock.real_now() - timedelta(seconds=UNSEALED_ALARM_SECONDS)
    for page in audit_records_unsealed_pages():
        for record in page:
            if record_hash(record) != record["content_hash"]:
                records.wrong(f"record {record['public_id']} was edited (not sealed yet)")
            if record["stored_at"] < deadline:
                check.wrong(f"record {record['public_id']} is unsealed since {record['stored_at']}")
    return check
