"""What looking at the whole ledger found."""

from django.db import models

from ogc.db.fields import BaseUnitsField
from ogc.db.models import PublicModel


class LedgerReport(PublicModel):
    """One run of `reconcile`, kept; `checks` as `reconcile --json` prints them."""

    finished_at = models.DateTimeField()
    ok = models.BooleanField()
    entry_count = models.BigIntegerField()
    checks = models.JSONField()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=("created_at", "id"), name="wallets_ledgerreport_latest")]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}: {'ok' if self.ok else 'wrong'}"


class ShadowBalance(models.Model):
    """A balance rebuilt from the journal alone, by `manage.py replay`, to compare with the real one."""

    account = models.OneToOneField(
        "wallets.LedgerAccount",
        primary_key=True,
        db_constraint=False,
        on_delete=models.PROTECT,
        related_name="shadow",
    )
    balance = BaseUnitsField()
    entry_count = models.BigIntegerField()
    last_entry_id = models.BigIntegerField()
    differs = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.account_id}: {self.balance}"
