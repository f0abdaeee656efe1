"""What an action by its name needs: endpoints declare it, apps register it, a scope names itself."""

from typing import Any

from governance.access_matrix import SCOPES
from governance.ports import executables
from ogc.access import Decision, Outcome
from ogc.actors import Actor
from ogc.api.registry import endpoints
from ogc.ports import access_decide


def decision_preview(actor: Actor, action: str, resource: dict[str, Any] | None) -> Decision:
    """What the actor would be told about a write of that name; nobody may what nobody knows."""
    scopes = action_scopes(action)
    if scopes is None:
        return Decision(Outcome.DENY, level="action", rule="unknown_action", explanation="No such action.")
    scope = next((one for one in scopes if actor.has(one)), scopes[0] if scopes else None)
    decision: Decision = access_decide(actor=actor, action=action, scope=scope, write=True, resource=resource)
    return decision


def action_scopes(action: str) -> tuple[str, ...] | None:
    """The scopes of which one is enough (none for public calls); None for what nobody declared."""
    if action in SCOPES:
        return (action,)
    if action in executables:
        return (executables[action].scope,)
    declared = next((found.declared for found in endpoints() if found.action == action), None)
    return None if declared is None else declared.scopes
