"""First rows of governance, and the roles of the people of the local run."""

from typing import Any

from django.conf import settings

from accounts.selectors import user_by_email
from governance.access_matrix import ADMIN, FINANCE, JUDGE, MODERATOR, SUPER_ADMIN
from governance.models import FeatureFlag, Policy
from governance.services.access import access_sync
from governance.services.policies import policy_write
from governance.services.roles import role_assign
from ogc.actors import SYSTEM
from ogc.db.transactions import transactional

POLICIES: tuple[dict[str, Any], ...] = (
    {
        "name": "maintenance",
        "level": "platform",
        "is_enabled": False,
        "document": {
            "rules": [
                {
                    "id": "read-only",
                    "effect": "read_only",
                    "actions": ["*"],
                    "unless": {"roles": ["super_admin"]},
                    "explanation": "The platform is being maintained: reading works, changes do not.",
                }
            ]
        },
    },
)
"""Switched off: an owner enables it for a maintenance."""

FLAGS = (
    ("proposals", "Community proposals and their votes", True),
    ("card_checkout", "Checkout of plans by card", True),
)

DEMO_ROLES = {
    "admin@ogc.local": SUPER_ADMIN,
    "ops@ogc.local": ADMIN,
    "ops2@ogc.local": ADMIN,
    "finance@ogc.local": FINANCE,
    "finance2@ogc.local": FINANCE,
    "moderator@ogc.local": MODERATOR,
    "moderator2@ogc.local": MODERATOR,
    "judge@ogc.local": JUDGE,
}


@transactional
def seed(*, debug: bool) -> None:
    """The access matrix, default policies, flags, and the role of the owner named in the environment.

    Idempotency: what is there stays as people changed it; the matrix is made equal to the code.
    """
    access_sync()
    for policy in POLICIES:
        if not Policy.objects.filter(name=policy["name"]).exists():
            policy_write(actor=SYSTEM, reason="seed", **policy)
    for name, description, is_enabled in FLAGS:
        FeatureFlag.objects.get_or_create(
            name=name, defaults={"description": description, "is_enabled": is_enabled}
        )
    if settings.OGC_ADMIN_EMAIL:
        _give(settings.OGC_ADMIN_EMAIL, SUPER_ADMIN)


@transactional
def seed_demo() -> None:
    """Roles of the seeded accounts; safe to repeat."""
    for email, role in DEMO_ROLES.items():
        _give(email, role)


def _give(email: str, role: str) -> None:
    user = user_by_email(email)
    if user is not None:
        role_assign(actor=SYSTEM, user_id=user.public_id, role=role, reason="seed")
