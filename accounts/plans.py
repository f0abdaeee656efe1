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


def load() -> None:
    """Read all plans."""
    global _known
    _known = {row[0]: PlanTerms(*row) for row in Plan.objects.values_list(*_FIELDS)}
    rate_limits.set_plan_factors({slug: plan.rate_factor for slug, plan in _known.items()})


def terms(slug: str) -> PlanTerms:
    """The terms of a plan; those of the free plan when there is no such plan (any more)."""
    if slug not in _known:
        load()
    return _known.get(slug) or _known[FREE_PLAN]
