"""The answer to "may they?", and what each process keeps in memory to give it without a query.

The scope is always required; then each level may object, and the strictest objection decides
(`rules.strictest`). Policies and flags are read by `load`, a source of the process-wide reader: at most two
seconds old, everywhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from governance.constants import Effect, Level
from governance.models import FeatureFlag, Policy
from governance.rules import OUTCOME_OF_EFFECT, Objection, flag_is_on, strictest
from ogc.access import ALLOWED, Decision, Outcome
from ogc.actors import Actor

SCOPE_LEVEL = "scope"
SCOPE_RULE = "scope_required"

Check = Callable[[Actor, str, bool, dict[str, Any] | None], Objection | None]
"""(actor, action, write, resource) → what this level has against it; without a query."""


@dataclass(frozen=True, slots=True)
class People:
    """Whom a rule is about: whoever is named by any of the three."""

    roles: frozenset[str] = frozenset()
    plans: frozenset[str] = frozenset()
    user_ids: frozenset[str] = frozenset()

    def include(self, actor: Actor) -> bool:
        """Whether the actor is one of them."""
        return bool(self.roles & actor.roles) or actor.plan in self.plans or actor.user_id in self.user_ids


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One rule of a policy, ready to be asked."""

    objection: Objection
    actions: tuple[str, ...]
    when: People | None
    unless: People | None
    flag: str | None

    def is_about(self, action: str) -> bool:
        """Whether one of its patterns covers the action."""
        return any(
            pattern in ("*", action) or (pattern.endswith(".*") and action.startswith(pattern[:-1]))
            for pattern in self.actions
        )

    def objects_to(self, actor: Actor) -> bool:
        """Whether it restricts this actor."""
        if self.when is not None and not self.when.include(actor):
            return False
        if self.unless is not None and self.unless.include(actor):
            return False
        return self.flag is None or not is_on(self.flag, actor)


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag as it stands in memory."""

    name: str
    description: str
    version: int
    is_enabled: bool
    roles: frozenset[str]
    plans: frozenset[str]
    user_ids: frozenset[str]
    percentage: int | None

    def is_on_for(self, actor: Actor) -> bool:
        """Whether it is on for this caller."""
        return flag_is_on(
            self.name,
            enabled=self.is_enabled,
            roles=self.roles,
            plans=self.plans,
            user_ids=self.user_ids,
            percentage=self.percentage,
            actor_id=actor.user_id,
            actor_roles=actor.roles,
            actor_plan=actor.plan,
        )


@dataclass(slots=True)
class Snapshot:
    """What was last read; `by_action` remembers which rules are about an action."""

    rules: tuple[PolicyRule, ...] = ()
    flags: dict[str, Flag] = field(default_factory=dict)
    by_action: dict[str, tuple[PolicyRule, ...]] = field(default_factory=dict)

    def about(self, action: str) -> tuple[PolicyRule, ...]:
        """The rules that are about an action, in the order of the levels."""
        found = self.by_action.get(action)
        if found is None:
            found = tuple(rule for rule in self.rules if rule.is_about(action))
            if len(self.by_action) < MAX_REMEMBERED_ACTIONS:
                self.by_action[action] = found
        return found


MAX_REMEMBERED_ACTIONS = 2_000
"""Actions are named by code, but `/governance/check` takes any name."""

_FLAG_COLUMNS = ("name", "description", "version", "is_enabled", "roles", "plans", "user_ids", "percentage")

_snapshot = Snapshot()
_read: tuple[Any, Any] = ([], [])
_checks: list[Check] = []


def register_check(check: Check) -> None:
    """Add a check of account state that an app keeps in memory."""
    _checks.append(check)


def decide(
    *, actor: Actor, action: str, scope: str | None, write: bool, resource: dict[str, Any] | None = None
) -> Decision:
    """Whether `actor` may do `action`; costs no query and explains itself.

    The system's own work is never stopped by policies: jobs finish what people were allowed to start.
    """
    if scope is not None and not actor.has(scope):
        return Decision(
            Outcome.DENY,
            level=SCOPE_LEVEL,
            rule=SCOPE_RULE,
            explanation=f"This needs the scope {scope}.",
            scope=scope,
        )
    rules = _snapshot.about(action)
    if actor.kind == "system" or not (rules or _checks):
        return ALLOWED
    return strictest(_objections(rules, actor, action, write, resource), write=write)


def is_on(name: str, actor: Actor) -> bool:
    """Whether a flag is on for a caller; unknown flags are off."""
    flag = _snapshot.flags.get(name)
    return flag is not None and flag.is_on_for(actor)


def flag_of(row: FeatureFlag) -> Flag:
    """A row as it will stand in memory after the next read."""
    return _flag(*(getattr(row, column) for column in _FLAG_COLUMNS))


def flags() -> list[Flag]:
    """All flags in memory, by name."""
    return [flag for _, flag in sorted(_snapshot.flags.items())]


def forget_all() -> None:
    """As a new process, before its first read."""
    global _snapshot, _read
    _snapshot, _read = Snapshot(), ([], [])


def load() -> None:
    """Read policies and flags (two queries) and, if anything changed, replace the snapshot at once."""
    global _snapshot, _read
    enabled = Policy.objects.filter(is_enabled=True).order_by("id")
    policies = list(enabled.values_list("level", "name", "version", "document"))
    rows = list(FeatureFlag.objects.order_by("id").values_list(*_FLAG_COLUMNS))
    if (policies, rows) == _read:
        return
    order = {level: place for place, level in enumerate(Level.values)}
    policies_by_level = sorted(policies, key=lambda policy: order[policy[0]])
    _snapshot = Snapshot(
        rules=tuple(
            _rule(level, name, document_rule)
            for level, name, _, document in policies_by_level
            for document_rule in document["rules"]
        ),
        flags={row[0]: _flag(*row) for row in rows},
    )
    _read = (policies, rows)


def _objections(
    rules: tuple[PolicyRule, ...], actor: Actor, action: str, write: bool, resource: dict[str, Any] | None
) -> Iterator[Objection]:
    for check in _checks:
        if objection := check(actor, action, write, resource):
            yield objection
    for rule in rules:
        if rule.objects_to(actor):
            yield rule.objection


def _rule(level: str, policy: str, rule: dict[str, Any]) -> PolicyRule:
    return PolicyRule(
        objection=Objection(
            OUTCOME_OF_EFFECT[Effect(rule["effect"])],
            level=level,
            rule=f"{policy}/{rule['id']}",
            explanation=rule["explanation"],
        ),
        actions=tuple(rule["actions"]),
        when=_people(rule.get("when")),
        unless=_people(rule.get("unless")),
        flag=rule.get("flag"),
    )


def _flag(
    name: str,
    description: str,
    version: int,
    is_enabled: bool,
    roles: list[str],
    plans: list[str],
    user_ids: list[str],
    percentage: int | None,
) -> Flag:
    names = (frozenset(roles), frozenset(plans), frozenset(user_ids))
    return Flag(name, description, version, is_enabled, *names, percentage)


def _people(named: dict[str, list[str]] | None) -> People | None:
    return None if named is None else People(**{kind: frozenset(names) for kind, names in named.items()})
