"""Proposals of the community and the votes on them."""

from django.conf import settings
from django.db import models

from governance.constants import REASON_LENGTH, ProposalCategory, ProposalChoice, ProposalStatus
from ogc.db.fields import BaseUnitsField
from ogc.db.models import PublicModel


class Proposal(PublicModel):
    """What somebody with enough at stake proposes. Quorum and threshold are those of its own vote, in bps."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals_written"
    )
    title = models.CharField(max_length=200)
    description = models.TextField()
    category = models.CharField(max_length=16, choices=ProposalCategory.choices)
    voting_days = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16, choices=ProposalStatus.choices, default=ProposalStatus.PROPOSED)
    voting_starts_at = models.DateTimeField(null=True)
    voting_ends_at = models.DateTimeField(null=True)
    quorum_bps = models.PositiveSmallIntegerField(default=1_000)
    threshold_bps = models.PositiveSmallIntegerField(default=5_000)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals_decided", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=("status", "created_at", "id"), name="governance_proposal_list")]

    def __str__(self) -> str:
        return self.title


class ProposalVote(PublicModel):
    """One immutable vote; `stake` is that of the snapshot in base units, `weight` times the multiplier."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="votes")
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposal_votes"
    )
    choice = models.CharField(max_length=8, choices=ProposalChoice.choices)
    stake = BaseUnitsField()
    weight = BaseUnitsField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=("proposal", "voter"), name="governance_proposalvote_once"),
        ]

    def __str__(self) -> str:
        return f"{self.choice} on {self.proposal_id}"
