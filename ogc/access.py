"""The question "may they?" as the apps ask it; governance answers it through `ogc.ports.access_decide`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ogc.actors import Actor
from ogc.errors import NotAuthenticated, PermissionDenied
from ogc.ports import access_decide


class Outcome(StrEnum):
    """From mildest to strictest; the strictest answer of all levels wins."""

    ALLOW = "ALLOW"
    REQUIRE_ESCALATION = "REQUIRE_ESCALATION"
    READ_ONLY = "READ_ONLY"
    DENY = "DENY"


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer that explains itself: which level and which rule decided, and the scope that was missing."""

    outcome: Outcome
    level: str = ""
    rule: str = ""
    explanation: str = ""
    scope: str | None = None


ALLOWED = Decision(Outcome.ALLOW)


def require(
    actor: Actor,
    action: str,
    *,
    scope: str | None = None,
    write: bool = True,
    resource: dict[str, Any] | None = None,
) -> Decision:
    """Go on only when the action is allowed.

    Args:
        action: dotted name, such as "wallet.transfer".
        scope: the scope that it needs; None where ownership was checked by the caller.

    Returns:
        ALLOW, READ_ONLY for a read, or REQUIRE_ESCALATION for callers that turn it into an approval.

    Raises:
        NotAuthenticated: nobody is signed in.
        PermissionDenied: refused; `details` name scope, level and rule.
    """
    if not actor.is_authenticated:
        raise NotAuthenticated
    decision: Decision = access_decide(
        actor=actor, action=action, scope=scope, write=write, resource=resource
    )
    if decision.outcome in (Outcome.ALLOW, Outcome.REQUIRE_ESCALATION):
        return decision
    if decision.outcome is Outcome.READ_ONLY and not write:
        return decision
    raise PermissionDenied(
        decision.explanation or None,
        **{
            k: v
            for k, v in (("scope", decision.scope), ("level", decision.level), ("rule", decision.rule))
            if v
        },
    )
