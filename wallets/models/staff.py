"""What staff moved by hand, counted for the threshold above which a second person decides."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.constants import REASON_LENGTH
from ogc import clock
from ogc.db.fields import PUBLIC_ID_LENGTH, BaseUnitsField, ExactCharField
from wallets.constants import StaffMoveKind


class StaffMove(models.Model):
    """One adjustment, reward or reversal, and on whose initiative it was; `amount` without sign."""

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    kind = models.CharField(max_length=10, choices=StaffMoveKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, db_index=False, on_delete=models.PROTECT, related_name="staff_moves"
    )
    transaction = models.OneToOneField(
        "wallets.Transaction", on_delete=models.PROTECT, related_name="staff_move"
    )
    approval_id = ExactCharField(max_length=PUBLIC_ID_LENGTH, blank=True, default="")
    amount = BaseUnitsField()
    reason = models.CharField(max_length=REASON_LENGTH)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="wallets_staffmove_amount_positive"),
        ]
        indexes = [models.Index(fields=("actor", "created_at"), name="wallets_staffmove_window")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
