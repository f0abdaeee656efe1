"""Entry points of background work: the clock's moves of challenges, and prizes."""

from challenges.services import distribution
from challenges.services.lifecycle import challenge_advance
from ogc.jobs import job


@job
def challenge_advance_due(challenge_pk: int) -> None:
    """Open or close a challenge whose time has come."""
    challenge_advance(challenge_pk=challenge_pk)


@job
def distribution_continue(challenge_pk: int) -> None:
    """Pay the next prizes of a distribution under way."""
    distribution.distribution_continue(challenge_pk=challenge_pk)
