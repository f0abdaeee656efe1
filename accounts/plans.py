"""The plans as this process knows them: a small table, read again each second."""

from dataclasses import dataclass

from accounts.constants import FREE_PLAN
from accounts.models import Plan
from ogc.api import rate_limits


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan is worth; weights in basis points, see model Plan."""

    slug: str
    name: str
    position: int
    vote_weight_bps: int
    contribution_bps: int
    premium: bool
    staking: bool
    rate_factor: int
    monthly_price_cents: int
    yearly_price_cents: int
    monthly_price_base_units: int


_FIELDS = tuple(PlanTerms.__dataclass_fields__)
_known: dict[str, PlanTerms] = {}
_slugs: dict[int, str] = {}


def load() -> None:
    """Read all plans."""
    global _known, _slugs
    rows = list(Plan.objects.values_list("pk", *_FIELDS))
    _known = {row[1]: PlanTerms(*row[1:]) for row in rows}
    _slugs = {row[0]: row[1] for row in rows}
    rate_limits.set_plan_factors({slug: plan.rate_factor for slug, plan in _known.items()})


def slug_of(plan_pk: int) -> str:
    """The slug of the plan in this row. Raises: KeyError."""
    if plan_pk not in _slugs:
        load()
    return _slugs[plan_pk]


def terms(slug: str) -> PlanTerms:
    """The terms of a plan; those of the free plan when there is no such plan (any more)."""
    if slug not in _known:
        load()
    return _known.get(slug) or _known[FREE_PLAN]
