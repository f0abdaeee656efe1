"""What an app on the left of the import order needs from an app on its right.

A port is declared on the left and filled on the right in `AppConfig.ready()`. A system check refuses to
start while one is empty.
"""

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Port(Generic[P, R]):
    """A named call whose implementation another app supplies."""

    registry: "dict[str, Port[..., Any]]" = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self._implementation: Callable[P, R] | None = None
        Port.registry[name] = self

    def fill(self, implementation: Callable[P, R]) -> None:
        """Supply the implementation; the last one wins (tests and replacements)."""
        self._implementation = implementation

    @property
    def is_filled(self) -> bool:
        """Whether somebody supplied an implementation."""
        return self._implementation is not None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._implementation is None:
            raise RuntimeError(f"port {self.name} is empty: the app that fills it is not installed")
        return self._implementation(*args, **kwargs)


audit_record: Port[..., None] = Port("audit.record")
"""(*, actor, action, target_type="", target_id="", severity="info"|"warning"|"critical", before=None,
after=None, reason="") → None. Writes one append-only record in the caller's transaction; address, agent and
request id come from `ogc.context`."""

access_decide: Port[..., Any] = Port("access.decide")
"""(*, actor, action, scope, write, resource=None) → `ogc.access.Decision`, without a query."""
