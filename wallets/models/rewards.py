"""What people earned, and when they get it."""

from django.db import models
from django.db.models import Q

from ogc.db.fields import BaseUnitsField
from ogc.db.models import PublicModel
from wallets.constants import RewardSource, RewardStatus


class Reward(PublicModel):
    """One earned amount: in `pending` until `releases_at`, and longer while its wallet is under a risk hold.

    The amount, the receiver and the cause are the transaction's.
    """

    transaction = models.OneToOneField("wallets.Transaction", on_delete=models.PROTECT, related_name="reward")
    wallet = models.ForeignKey(
        "wallets.Wallet", db_index=False, on_delete=models.PROTECT, related_name="rewards"
    )
    source = models.CharField(max_length=10, choices=RewardSource)
    status = models.CharField(max_length=8, choices=RewardStatus, default=RewardStatus.PENDING)
    amount = BaseUnitsField()
    releases_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="wallets_reward_amount_positive"),
            models.CheckConstraint(
                condition=Q(status=RewardStatus.RELEASED, released_at__isnull=False)
                | (~Q(status=RewardStatus.RELEASED) & Q(released_at__isnull=True))
                | Q(status=RewardStatus.REVERSED),
                name="wallets_reward_release_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=("wallet", "created_at", "id"), name="wallets_reward_all"),
            models.Index(fields=("wallet", "source", "created_at", "id"), name="wallets_reward_list"),
            models.Index(fields=("status", "releases_at"), name="wallets_reward_due"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.status}"
