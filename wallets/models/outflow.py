"""How much each wallet gave lately."""

from django.db import models

from ogc.db.fields import BaseUnitsField


class Outflow(models.Model):
    """What a wallet transferred in its latest hour and day (UTC, `2026-01-31 13` and `2026-01-31`).

    Written by the trigger on transactions only. A count of another hour or day than now's is over.
    """

    wallet = models.OneToOneField(
        "wallets.Wallet", primary_key=True, on_delete=models.PROTECT, related_name="outflow"
    )
    hour = models.CharField(max_length=13)
    hour_amount = BaseUnitsField(default=0)
    hour_count = models.IntegerField(default=0)
    day = models.CharField(max_length=10)
    day_amount = BaseUnitsField(default=0)
    day_count = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}: {self.day_amount}"
