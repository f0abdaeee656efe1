"""Who acts: the first argument of every service, and `request.user` of the API."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["anonymous", "user", "service", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller with the roles and scopes that were granted when its token was made.

    `user_id` is the public id of the user (None for anonymous, service tokens and the system itself);
    `key` names the caller for idempotency, limits and audit.
    """

    kind: Kind = "anonymous"
    user_id: str | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    plan: str = "free"
    session_id: str | None = None
    token_id: str | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether anybody is known to be behind this call."""
        return self.kind != "anonymous"

    @property
    def is_active(self) -> bool:
        """Suspended callers never become an Actor; the framework asks nevertheless."""
        return self.is_authenticated

    @property
    def is_staff(self) -> bool:
        """Whether any staff role is held."""
        return bool(self.roles & STAFF_ROLES)

    @property
    def key(self) -> str:
        """One text per caller: a user's public id, or the id of a service token."""
        return self.user_id or (f"service:{self.token_id}" if self.token_id else self.kind)

    def has(self, scope: str) -> bool:
        """Whether this scope was granted."""
        return self.kind == "system" or scope in self.scopes


STAFF_ROLES = frozenset({"moderator", "admin", "finance", "super_admin"})
ANONYMOUS = Actor()
SYSTEM = Actor(kind="system", roles=frozenset({"system"}))
