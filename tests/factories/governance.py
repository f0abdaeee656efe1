"""Staff, policies, flags, and what waits for a second person, for tests."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from governance import decisions, ports
from governance.access_matrix import scopes_of
from governance.models import FeatureFlag, Policy
from governance.services import policy_write, role_assign
from ogc.actors import SYSTEM, Actor
from ogc.ids import uuid7
from tests.factories.accounts import UserFactory


def staff(*roles: str, **fields: Any) -> User:
    """A verified user with these roles."""
    user = UserFactory(**fields)
    for role in roles:
        role_assign(actor=SYSTEM, user_id=user.public_id, role=role)
    user.refresh_from_db()
    return user


def actor_with(*roles: str, user_id: str | None = None, plan: str = "free") -> Actor:
    """A caller with these roles, without a row."""
    held = frozenset({"user", *roles})
    return Actor(kind="user", user_id=user_id or uuid7(), roles=held, scopes=scopes_of(held), plan=plan)


def rule(effect: str, *actions: str, **more: Any) -> dict[str, Any]:
    """One rule of a policy document."""
    return {"id": "rule", "effect": effect, "actions": list(actions), "explanation": "Because.", **more}


def policy(level: str, *rules: dict[str, Any], name: str = "policy") -> Policy:
    """A policy that this process knows."""
    named = [{**one, "id": f"rule-{number}"} for number, one in enumerate(rules)]
    written = policy_write(actor=SYSTEM, name=name, level=level, document={"rules": named})
    decisions.load()
    return written


def flag(name: str = "flag", **fields: Any) -> FeatureFlag:
    """A flag that this process knows."""
    made = FeatureFlag.objects.create(name=name, **{"is_enabled": True, **fields})
    decisions.load()
    return made


class Recorder:
    """An executable action that keeps what it was called with; `refusal` is raised instead when set."""

    def __init__(self, action: str = "tests.recorded", scope: str = "reward.write") -> None:
        self.calls: list[ports.ApprovedRequest] = []
        self.refusal: Exception | None = None
        self.action = action
        ports.register_executable(
            ports.Executable(action, scope, self._execute, subject=lambda payload: payload.get("user_id"))
        )

    def _execute(self, approved: ports.ApprovedRequest) -> Mapping[str, Any]:
        if self.refusal is not None:
            raise self.refusal
        self.calls.append(approved)
        return {"done": len(self.calls)}

    def close(self) -> None:
        """Forget the action."""
        ports.executables.pop(self.action, None)
