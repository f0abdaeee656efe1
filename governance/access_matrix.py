"""The access control matrix: which role brings which scopes.

The one place where that is written down. `sync_access` (also run after `migrate`) makes a Django Group of
each role and a Permission of each scope, so that the admin site and the API read the same table.
"""

from dataclasses import dataclass

USER = "user"
PARTNER = "partner"
JUDGE = "judge"
MODERATOR = "moderator"
ADMIN = "admin"
FINANCE = "finance"
SUPER_ADMIN = "super_admin"
SYSTEM = "system"

SCOPES: dict[str, str] = {
    "self": "Own profile, wallet, entries, votes, notifications",
    "challenge.propose": "Own drafts of challenges",
    "submission.judge": "Score submissions of assigned challenges",
    "moderation.write": "Decide reports and incidents",
    "submission.review": "Approve and reject submissions",
    "admin.read": "Read what staff may read",
    "users.write": "Suspend, reinstate, log out",
    "challenge.write": "Create and run challenges",
    "badge.write": "Badges and contribution points",
    "reward.write": "Rewards given by hand",
    "notification.send": "Messages and broadcasts",
    "analytics.read": "All analytics",
    "audit.read": "The audit trail",
    "subscription.write": "Plans and subscriptions",
    "flag.write": "Feature flags",
    "proposal.write": "Validate and reject proposals",
    "wallet.approve": "Approve withdrawals",
    "wallet.adjust": "Adjustments, reversals, frozen wallets",
    "role.write": "Give and remove roles",
    "policy.write": "Policies",
    "tx.system": "Calls of the chain system",
    "webhook.send": "Calls of webhook senders",
}


@dataclass(frozen=True, slots=True)
class Role:
    """One row of the matrix.

    `is_staff` roles open the admin site; `assignable` ones are given to people (everyone has `user`, and
    `system` belongs to service tokens, which never log in).
    """

    name: str
    scopes: frozenset[str]
    is_staff: bool = False
    assignable: bool = True


_MODERATOR_SCOPES = frozenset({"moderation.write", "submission.review", "admin.read"})

MATRIX: dict[str, Role] = {
    role.name: role
    for role in (
        Role(USER, frozenset({"self"}), assignable=False),
        Role(PARTNER, frozenset({"challenge.propose"})),
        Role(JUDGE, frozenset({"submission.judge"})),
        Role(MODERATOR, _MODERATOR_SCOPES, is_staff=True),
        Role(
            ADMIN,
            _MODERATOR_SCOPES
            | {
                "users.write",
                "challenge.write",
                "badge.write",
                "reward.write",
                "notification.send",
                "analytics.read",
                "audit.read",
                "subscription.write",
                "flag.write",
                "proposal.write",
            },
            is_staff=True,
        ),
        Role(
            FINANCE, frozenset({"wallet.approve", "wallet.adjust", "audit.read", "admin.read"}), is_staff=True
        ),
        Role(SUPER_ADMIN, frozenset(SCOPES), is_staff=True),
        Role(SYSTEM, frozenset({"tx.system", "webhook.send"}), assignable=False),
    )
}


def scopes_of(role_names: frozenset[str]) -> frozenset[str]:
    """The union of the scopes of the named roles; unknown names bring nothing."""
    return frozenset().union(*(MATRIX[name].scopes for name in role_names if name in MATRIX))
