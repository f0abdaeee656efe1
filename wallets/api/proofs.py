"""Proofs of liabilities: one's own leaves, and what everybody may see (docs/proof-of-liabilities.md)."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ogc.amounts import format_amount
from ogc.api.endpoint import PUBLIC, SELF, endpoint
from ogc.api.fields import Amount, Instant
from ogc.api.responses import ok
from ogc.api.serializers import OutSerializer
from ogc.api.views import ApiView
from ogc.errors import NotFound
from wallets.constants import HOLDING_PLACES
from wallets.models import LiabilityProof
from wallets.selectors.liability_proofs import LeafView, latest_proof, leaves_of


class RootOut(OutSerializer):
    id = serializers.CharField()
    total = Amount(help_text="The sum at the root.")
    leaf_count = serializers.IntegerField(help_text="A power of two, padding included.")
    published_at = Instant()

    def get_fields(self) -> dict[str, serializers.Field]:
        """Adds `root`, an attribute that the base class has already."""
        return {**super().get_fields(), "root": serializers.CharField(help_text="SHA-256, hex.")}


class NodeOut(OutSerializer):
    hash = serializers.CharField()
    sum = Amount()


class LeafOut(OutSerializer):
    position = serializers.IntegerField()
    salt = serializers.CharField(help_text="32 bytes, hex.")
    amount = Amount()
    path = NodeOut(many=True, help_text="Siblings from the leaf to the root, lowest first.")


class ProofOut(OutSerializer):
    proof = RootOut()
    user_id = serializers.CharField()
    balance = Amount(help_text="The sum of the leaves: the total of the wallet then.")
    leaves = LeafOut(many=True)


class SharesOut(OutSerializer):
    users = Amount()
    escrows = Amount()
    unclaimed_deposits = Amount()
    platform = Amount(help_text="Treasury, pools, revenue and the like.")
    losses = Amount(signed=True, help_text="Not in the tree; below zero: tokens that are missing.")


class HoldingsOut(OutSerializer):
    block = serializers.IntegerField()
    chain_id = serializers.IntegerField()
    token = serializers.CharField()
    addresses = serializers.ListField(child=serializers.CharField())
    hot = Amount()
    cold = Amount(help_text="With the vault's first deposit, which is locked for good.")
    vault = Amount(help_text="What our shares are worth.")
    total = Amount()


class ReservesOut(RootOut):
    totals = SharesOut()
    holdings = HoldingsOut(allow_null=True, help_text="Null: the chain could not be read then.")


def root_json(proof: LiabilityProof) -> dict[str, Any]:
    """The shape `RootOut`."""
    return {
        "id": proof.public_id,
        "root": proof.root,
        "total": format_amount(proof.total),
        "leaf_count": proof.leaf_count,
        "published_at": proof.published_at,
    }


def holdings_json(holdings: dict[str, Any] | None) -> dict[str, Any] | None:
    """The shape `HoldingsOut`."""
    if holdings is None:
        return None
    places = {place: int(holdings[place]) for place in HOLDING_PLACES}
    amounts = {**places, "total": sum(places.values())}
    return {**holdings, **{place: format_amount(amount) for place, amount in amounts.items()}}


def leaf_json(leaf: LeafView) -> dict[str, Any]:
    """The shape `LeafOut`."""
    return {
        "position": leaf.position,
        "salt": leaf.salt,
        "amount": format_amount(leaf.amount),
        "path": [{"hash": node.hash, "sum": format_amount(node.sum)} for node in leaf.path],
    }


class ProofView(ApiView):
    """/wallet/proof"""

    @endpoint(
        summary="Proof that my balance is counted",
        description="The latest proof of liabilities, with the paths of the caller's own leaves.",
        tags=["wallet"],
        scope=SELF,
        responses={200: ProofOut},
        errors=[NotFound],
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """404 until the first proof is published."""
        proof = latest_proof()
        leaves = leaves_of(self.actor.key, proof)
        return ok(
            {
                "proof": root_json(proof),
                "user_id": self.actor.key,
                "balance": format_amount(sum(leaf.amount for leaf in leaves)),
                "leaves": [leaf_json(leaf) for leaf in leaves],
            }
        )


class ReservesView(ApiView):
    """/reserves"""

    @endpoint(
        summary="What the platform owes and holds",
        tags=["wallet"],
        scope=PUBLIC,
        responses={200: ReservesOut},
        errors=[NotFound],
    )
    def get(self, request: Request) -> HttpResponse:
        """The latest root, totals and holdings; 404 until the first proof is published."""
        proof = latest_proof()
        totals = {share: format_amount(int(amount)) for share, amount in proof.totals.items()}
        return ok({**root_json(proof), "totals": totals, "holdings": holdings_json(proof.holdings)})
