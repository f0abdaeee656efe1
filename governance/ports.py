"""What governance needs from the apps above it, and the registries that they fill in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ogc.actors import Actor
from ogc.ports import Port

freeze_wallet: Port[..., None] = Port("governance.freeze_wallet")
"""(user_id: public id, reason) → None. Stops the outgoing moves of a user's wallet; idempotent."""

release_wallet: Port[..., None] = Port("governance.release_wallet")
"""(user_id: public id, reason) → None. Undoes `freeze_wallet`, but not what a person froze; idempotent."""


@dataclass(frozen=True, slots=True)
class ApprovedRequest:
    """What a second person approved: who asked (with today's scopes), who approved, what is to be done."""

    approval_id: str
    action: str
    payload: dict[str, Any]
    requester: Actor
    approver: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class Executable:
    """An action that may wait for a second person.

    `execute` runs in the transaction of the approval and checks again whatever may have changed since; a
    domain error leaves the approval open. Its JSON result is kept. `subject` names the public id of the
    user that the payload is about, who may not approve it.
    """

    action: str
    scope: str
    execute: Callable[[ApprovedRequest], Mapping[str, Any]]
    subject: Callable[[Mapping[str, Any]], str | None] = lambda payload: None


@dataclass(frozen=True, slots=True)
class ModerationTarget:
    """A kind of thing that can be reported; `exists` says of a public id whether people may see it."""

    target_type: str
    exists: Callable[[str], bool]


executables: dict[str, Executable] = {}
moderation_targets: dict[str, ModerationTarget] = {}


def register_executable(executable: Executable) -> None:
    """Let this action wait for approvals."""
    executables[executable.action] = executable


def register_moderation_target(target: ModerationTarget) -> None:
    """Let this kind of thing be reported."""
    moderation_targets[target.target_type] = target
