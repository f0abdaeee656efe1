"""Pure decisions of governance: role changes, how restrictions combine, what a flag says, hashes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from governance.constants import GENESIS_HASH, Effect
from ogc.access import ALLOWED, Decision, Outcome
from ogc.errors import CannotChangeSelf, RoleTooHigh

MASK = "***"
_SECRET_WORDS = ("password", "passphrase", "secret", "private_key", "recovery_code")
_SECRET_ENDINGS = ("token", "seed", "otp", "code", "key")

OUTCOME_OF_EFFECT = {
    Effect.DENY: Outcome.DENY,
    Effect.READ_ONLY: Outcome.READ_ONLY,
    Effect.REQUIRE_ESCALATION: Outcome.REQUIRE_ESCALATION,
}


@dataclass(frozen=True, slots=True)
class Objection:
    """What one rule of one level has against an action."""

    outcome: Outcome
    level: str
    rule: str
    explanation: str


def strictest(objections: Iterable[Objection], *, write: bool) -> Decision:
    """The answer of all levels together; of equals the one that was asked first explains it.

    DENY beats READ_ONLY beats REQUIRE_ESCALATION. READ_ONLY refuses writes and nothing else, so for a read it
    stands below REQUIRE_ESCALATION: adding a restriction never opens what another one closed.
    """
    rank = {Outcome.REQUIRE_ESCALATION: 2, Outcome.READ_ONLY: 3 if write else 1, Outcome.DENY: 4}
    worst = max(objections, key=lambda objection: rank[objection.outcome], default=None)
    if worst is None:
        return ALLOWED
    return Decision(worst.outcome, level=worst.level, rule=worst.rule, explanation=worst.explanation)


def check_role_change(
    *,
    actor_id: str | None,
    actor_scopes: frozenset[str],
    target_id: str,
    target_staff_scopes: frozenset[str],
    role_scopes: frozenset[str],
) -> None:
    """Whether this person may give or take this role.

    Args:
        target_staff_scopes: the scopes that the target holds if they are staff, else nothing.

    Raises:
        CannotChangeSelf: it is their own.
        RoleTooHigh: the role, or the person, holds a scope that the actor lacks.
    """
    if actor_id == target_id:
        raise CannotChangeSelf
    missing = (role_scopes | target_staff_scopes) - actor_scopes
    if missing:
        raise RoleTooHigh(scopes=sorted(missing))


def flag_bucket(name: str, user_id: str) -> int:
    """The place of a user in a flag's percentage, 0 to 9999; the same each time, other for each flag."""
    return int.from_bytes(hashlib.sha256(f"{name}:{user_id}".encode()).digest()[:8]) % 10_000


def flag_is_on(
    name: str,
    *,
    enabled: bool,
    roles: frozenset[str],
    plans: frozenset[str],
    user_ids: frozenset[str],
    percentage: int | None,
    actor_id: str | None,
    actor_roles: frozenset[str],
    actor_plan: str,
) -> bool:
    """Whether a flag is on for a caller: no criteria, all; else whoever meets one of them."""
    if not enabled:
        return False
    if not (roles or plans or user_ids) and percentage is None:
        return True
    if roles & actor_roles:
        return True
    return actor_id is not None and (
        actor_plan in plans
        or actor_id in user_ids
        or (percentage is not None and flag_bucket(name, actor_id) < percentage * 100)
    )


def canonical_json(value: Any) -> str:
    """One spelling for equal values; what is not JSON (instants, ids) becomes text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(*parts: str) -> str:
    """SHA-256 over parts that can't run into each other (their lengths are hashed too)."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8))
        state.update(data)
    return state.hexdigest()


def payload_hash(action: str, payload: Mapping[str, Any]) -> str:
    """What an approval commits to."""
    return digest("ogc-approval-1", action, canonical_json(payload))


def names_secret(key: str) -> bool:
    """Whether a field of this name may hold a secret (`refresh_token` does, `token_address` does not)."""
    name = key.lower()
    return name.rsplit("_", 1)[-1] in _SECRET_ENDINGS or any(word in name for word in _SECRET_WORDS)


def masked(value: Any) -> Any:
    """The same JSON value with everything under a secret's name replaced whole."""
    if isinstance(value, Mapping):
        return {str(key): MASK if names_secret(str(key)) else masked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item) for item in value]
    return value


def personal_hash(salt: str, ip: str, user_agent: str) -> str:
    """What the chained record keeps of the erasable side row; meaningless once the salt is gone."""
    return digest("ogc-audit-person-1", salt, ip, user_agent)


RECORD_FIELDS = (
    "public_id",
    "created_at",
    "stored_at",
    "action",
    "severity",
    "actor_kind",
    "actor_id",
    "target_type",
    "target_id",
    "reason",
    "before",
    "after",
    "request_id",
    "correlation_id",
    "personal_hash",
)
"""The columns of an audit record that its content hash covers: all but the row number and the hash."""


def record_hash(values: Mapping[str, Any]) -> str:
    """The content hash of an audit record, from its columns by name (`RECORD_FIELDS`)."""
    texts = (
        instant_text(v) if isinstance(v, datetime) else str(v) for v in map(values.__getitem__, RECORD_FIELDS)
    )
    return digest("ogc-audit-record-1", *texts)


def instant_text(instant: datetime) -> str:
    """One spelling of an instant, to the microsecond that the databases keep."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def chain_hash(previous: str, position: int, record_id: str, content_hash: str, sealed_at: str) -> str:
    """The hash of a seal: its place, its record, and everything before it (`GENESIS_HASH` for the first)."""
    return digest(
        "ogc-audit-seal-1", previous or GENESIS_HASH, str(position), record_id, content_hash, sealed_at
    )
