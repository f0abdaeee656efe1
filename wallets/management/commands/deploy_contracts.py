"""`deploy_contracts`: token and vault on the local node (DEBUG only)."""

from typing import Any

from django.core.management.base import CommandError

from ogc.management.platform_command import PlatformCommand
from wallets.chain.deploy import deploy
from wallets.chain.indexer import catch_up
from wallets.chain.network import NetworkMismatch, NetworkUnknown
from wallets.chain.rpc import RpcError, RpcUnavailable, default_client


class Command(PlatformCommand):
    """For the local node only; elsewhere the addresses come from the environment."""

    help = "Deploy the development contracts on the local node and record the network; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Deploy, then post what the deployment moved."""
        client = default_client()
        try:
            deployment = deploy(client)
            network = deployment.network
            self.stdout.write(
                f"{'deployed' if deployment.created else 'already deployed'}: token {network.token}"
            )
            self.stdout.write(f"vault {network.vault}, chain {network.chain_id}")
            catch_up(client)
        except NetworkMismatch as error:
            raise CommandError(str(error)) from error
        except (RpcUnavailable, RpcError) as error:
            raise CommandError(f"The chain node can't be used: {error}") from error
        except NetworkUnknown:
            self.stdout.write(
                "the ledger is not seeded yet: the indexer posts the hot wallet's funding later"
            )
