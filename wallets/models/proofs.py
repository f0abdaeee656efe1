"""Proofs of liabilities: what the platform owes, as a tree whose root is public."""

from django.db import models
from django.db.models import Q

from ogc.db.fields import BaseUnitsField, ExactCharField
from ogc.db.models import PublicModel
from ogc.jobs.outbox import OutboxRow
from wallets.constants import PROOF_HASH_LENGTH, PROOF_SALT_LENGTH, ProofStatus


class LiabilityProof(OutboxRow, PublicModel):
    """One root over all balances as of one posting; a job builds it, then it is published.

    The daily one of a day has the number 0, those that operators ask for count on.

    `totals` are base units as text by whom they belong to; `holdings` what the chain held at the block
    compared: `block`, and base units as text by place; None when the chain could not be read.
    """

    day = models.DateField()
    number = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=ProofStatus, default=ProofStatus.QUEUED)
    posting_id = models.BigIntegerField(default=0, help_text="The last posting that counts")
    root = ExactCharField(max_length=PROOF_HASH_LENGTH, blank=True, default="")
    total = BaseUnitsField(default=0)
    leaf_count = models.IntegerField(default=0)
    totals = models.JSONField(default=dict)
    holdings = models.JSONField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("day", "number"), name="wallets_liabilityproof_once"),
            models.CheckConstraint(
                condition=~Q(status=ProofStatus.PUBLISHED) | (~Q(root="") & Q(published_at__isnull=False)),
                name="wallets_liabilityproof_has_root",
            ),
        ]
        indexes = [models.Index(fields=("status", "day", "number"), name="wallets_liabproof_latest")]

    def __str__(self) -> str:
        return f"{self.day} {self.status}"


class LiabilityLeaf(models.Model):
    """One random part of one balance under a fresh salt; `wallet` None: padding, or the platform's own."""

    id = models.BigAutoField(primary_key=True)
    proof = models.ForeignKey(LiabilityProof, db_index=False, on_delete=models.CASCADE, related_name="leaves")
    position = models.IntegerField()
    wallet = models.ForeignKey(
        "wallets.Wallet",
        null=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="liability_leaves",
    )
    salt = ExactCharField(max_length=PROOF_SALT_LENGTH)
    amount = BaseUnitsField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("proof", "position"), name="wallets_liabilityleaf_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="wallets_liabilityleaf_not_negative"),
        ]
        indexes = [models.Index(fields=("wallet", "proof"), name="wallets_liableaf_owner")]

    def __str__(self) -> str:
        return f"{self.position}: {self.amount}"


class LiabilityNode(models.Model):
    """One node of the tree: level 0 are the leaves, `position` counts from 0 within a level."""

    id = models.BigAutoField(primary_key=True)
    proof = models.ForeignKey(LiabilityProof, db_index=False, on_delete=models.CASCADE, related_name="nodes")
    level = models.IntegerField()
    position = models.IntegerField()
    hash = ExactCharField(max_length=PROOF_HASH_LENGTH)
    sum = BaseUnitsField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("proof", "level", "position"), name="wallets_liabilitynode_once"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.position}"
