"""Tokens that are set aside until it is known whether they leave."""

from django.db import models
from django.db.models import F, Q

from ogc.db.fields import BaseUnitsField
from ogc.db.models import PublicModel
from wallets.constants import HoldPurpose, HoldStatus


class Hold(PublicModel):
    """The first phase of a two-phase move: available → reserved. It ends once.

    `settled` went to whom it was meant for and `voided` came back; together they are the amount when it has
    ended. `expires_at` None: it waits until it is settled or voided.
    """

    transaction = models.OneToOneField("wallets.Transaction", on_delete=models.PROTECT, related_name="hold")
    wallet = models.ForeignKey("wallets.Wallet", on_delete=models.PROTECT, related_name="holds")
    purpose = models.CharField(max_length=12, choices=HoldPurpose)
    status = models.CharField(max_length=8, choices=HoldStatus, default=HoldStatus.OPEN)
    amount = BaseUnitsField()
    settled = BaseUnitsField(default=0)
    voided = BaseUnitsField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, settled__gte=0, voided__gte=0), name="wallets_hold_amounts"
            ),
            models.CheckConstraint(
                condition=Q(status=HoldStatus.OPEN, settled=0, voided=0, ended_at__isnull=True)
                | Q(
                    status=HoldStatus.SETTLED,
                    settled__gt=0,
                    amount=F("settled") + F("voided"),
                    ended_at__isnull=False,
                )
                | Q(
                    status__in=(HoldStatus.VOIDED, HoldStatus.EXPIRED),
                    settled=0,
                    voided=F("amount"),
                    ended_at__isnull=False,
                ),
                name="wallets_hold_ends_whole",
            ),
        ]
        indexes = [models.Index(fields=("status", "expires_at"), name="wallets_hold_due")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.status}"
