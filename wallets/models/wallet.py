"""The wallet of a user."""

from django.conf import settings
from django.db import models

from governance.constants import REASON_LENGTH
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel
from wallets.constants import ADDRESS_LENGTH, FreezeCause, WalletStatus


class Wallet(PublicModel):
    """Holds the four ledger accounts of one user and the chain address that the user linked.

    `address` is EIP-55 text, unique over all wallets, None while nothing is linked. While `risk_held_at` is
    set, what the user earned stays pending.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wallet")
    status = models.CharField(max_length=10, choices=WalletStatus, default=WalletStatus.ACTIVE)
    freeze_cause = models.CharField(max_length=10, choices=FreezeCause, blank=True, default="")
    risk_held_at = models.DateTimeField(null=True, blank=True)
    risk_reason = models.CharField(max_length=REASON_LENGTH, blank=True, default="")
    address = ExactCharField(max_length=ADDRESS_LENGTH, unique=True, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=WalletStatus.values), name="wallets_wallet_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status=WalletStatus.FROZEN) ^ models.Q(freeze_cause=""),
                name="wallets_wallet_freeze_has_cause",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
