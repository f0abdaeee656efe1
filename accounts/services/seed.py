"""The first rows: plans, the super admin, and with DEBUG the people of a local run."""

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts import plans
from accounts.models import Plan, User
from accounts.rules import email_normalise
from accounts.selectors import user_by_email
from accounts.services.registration import user_insert
from accounts.signals import email_verified, user_registered
from ogc import clock
from ogc.amounts import BASE_UNITS_PER_OGC
from ogc.db.transactions import on_commit, transactional

LOCAL_PASSWORD = "ogc-local-only-1"
"""Of the people of a local run; `seed_demo` runs with DEBUG only, and production refuses DEBUG."""

_PLANS: dict[str, dict[str, object]] = {
    "free": {"name": "Free"},
    "pro": {
        "name": "Pro",
        "monthly_price_cents": 999,
        "yearly_price_cents": 9900,
        "monthly_price_base_units": 100 * BASE_UNITS_PER_OGC,
        "vote_weight_bps": 15_000,
        "contribution_bps": 15_000,
        "premium": True,
        "staking": True,
        "rate_factor": 2,
        "position": 1,
    },
    "enterprise": {
        "name": "Enterprise",
        "monthly_price_cents": 4999,
        "yearly_price_cents": 49_900,
        "monthly_price_base_units": 500 * BASE_UNITS_PER_OGC,
        "vote_weight_bps": 20_000,
        "contribution_bps": 20_000,
        "premium": True,
        "staking": True,
        "rate_factor": 5,
        "position": 2,
    },
}
"""product.md, Roles, scopes, access: the plans."""

DEMO_PEOPLE = {
    **{f"{name}@ogc.local": "free" for name in ("admin", "ops", "ops2", "finance", "finance2")},
    **{f"{name}@ogc.local": "free" for name in ("moderator", "moderator2", "judge", "alice", "bob")},
    "carol@ogc.local": "pro",
    "dave@ogc.local": "enterprise",
}
"""architecture.md, The local run: address to plan. Their roles are given by governance."""


@transactional
def plans_seed() -> None:
    """Create the plans that are missing; never touches what an admin changed."""
    for slug, fields in _PLANS.items():
        Plan.objects.get_or_create(slug=slug, defaults=fields)
    on_commit(plans.load)


def seed(*, debug: bool) -> None:
    """Plans, and the super admin of OGC_ADMIN_EMAIL (its role is given by governance). Safe to repeat."""
    plans_seed()
    if settings.OGC_ADMIN_EMAIL and settings.OGC_ADMIN_PASSWORD:
        person_ensure(settings.OGC_ADMIN_EMAIL, settings.OGC_ADMIN_PASSWORD, name="Administrator")


def seed_demo() -> None:
    """The verified people of a local run, all with LOCAL_PASSWORD. Safe to repeat."""
    hashed = make_password(LOCAL_PASSWORD)
    for email, plan in DEMO_PEOPLE.items():
        person_ensure(email, hashed_password=hashed, name=email.partition("@")[0].capitalize(), plan=plan)


@transactional
def person_ensure(
    email: str, password: str = "", *, name: str, plan: str = "free", hashed_password: str = ""
) -> User:
    """The verified user with this address, created with a wallet if missing; never changed if there."""
    user = user_by_email(email)
    if user is not None:
        return user
    user = User(
        email=email_normalise(email),
        name=name,
        password=hashed_password or make_password(password),
        email_verified_at=clock.now(),
        terms_version=settings.TERMS_VERSION,
        terms_accepted_at=clock.now() if settings.TERMS_VERSION else None,
        plan=Plan.objects.get(slug=plan),
    )
    user_insert(user)
    user_registered.emit(user_id=user.public_id)
    email_verified.emit(user_id=user.public_id)
    return user
