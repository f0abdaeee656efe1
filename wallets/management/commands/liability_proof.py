"""Publish a proof of liabilities now."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ogc.amounts import format_amount
from ogc.management.platform_command import PlatformCommand
from wallets.constants import ProofStatus
from wallets.models import LiabilityProof
from wallets.services.liability_proofs import proof_build, proof_request


class Command(PlatformCommand):
    """Builds today's proof if there is none; `--again` builds another one."""

    help = "Build and publish a proof of liabilities (docs/proof-of-liabilities.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--again`: although today has one."""
        parser.add_argument("--again", action="store_true", help="one more, although today has one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it here and print its root."""
        proof_pk = proof_request(again=options["again"])
        proof_build(proof_pk=proof_pk)
        proof = LiabilityProof.objects.get(pk=proof_pk)
        if proof.status == ProofStatus.QUEUED:
            raise CommandError("Another process is building it now.")
        holdings = "unknown" if proof.holdings is None else f"compared at block {proof.holdings['block']}"
        self.stdout.write(
            f"{proof.day} {proof.status}: root {proof.root}, total {format_amount(proof.total)} OGC in "
            f"{proof.leaf_count} leaves, posting {proof.posting_id}, holdings {holdings}"
        )
