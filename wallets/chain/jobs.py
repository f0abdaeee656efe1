"""Jobs of the chain engine, and how they are asked for."""

from ogc.jobs import job, poke
from ogc.jobs.queues import poke_answered
from wallets.chain.lane import lane_run, signers_due
from wallets.models.chain import ChainSigner

QUEUE = "chain"
POKE = "chain-lane"
BATCH = 50


@job
def lane(signer_id: int) -> int:
    """Run the lane of one signer."""
    return lane_run(signer_id)


@job
def lanes() -> int:
    """Run the lanes of all signers that have work."""
    poke_answered(POKE)
    return sum(lane_run(pk) for pk in signers_due(BATCH))


def poke_lanes() -> None:
    """Ask for the lanes now; the sweeper finds what a lost request leaves."""
    poke(POKE, lanes, queue=QUEUE)


def lane_key(signer_id: int) -> str:
    """Job id of a lane, with its attempt."""
    attempts = ChainSigner.objects.filter(pk=signer_id).values_list("attempts", flat=True).first()
    return f"chain-lane-{signer_id}-a{attempts}"
