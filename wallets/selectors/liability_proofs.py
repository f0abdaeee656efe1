"""What is shown of proofs of liabilities: to everybody the root, to each user their own leaves."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from ogc.errors import NotFound
from ogc.jobs.outbox import is_free
from wallets.constants import ProofStatus
from wallets.liabilities import Node, path_positions
from wallets.models import LiabilityLeaf, LiabilityNode, LiabilityProof


@dataclass(frozen=True, slots=True)
class LeafView:
    """One leaf of a user with the siblings on its way to the root, lowest first."""

    position: int
    salt: str
    amount: int
    path: list[Node]


def latest_proof() -> LiabilityProof:
    """The proof that was published last.

    Raises:
        NotFound: there is none yet.
    """
    published = (
        LiabilityProof.objects.filter(status=ProofStatus.PUBLISHED).order_by("-day", "-number").first()
    )
    if published is None:
        raise NotFound
    return published


def proofs_due(limit: int) -> list[int]:
    """Row numbers of proofs that wait to be built."""
    due = LiabilityProof.objects.filter(is_free(), status=ProofStatus.QUEUED)
    return list(due.order_by("day", "number").values_list("pk", flat=True)[:limit])


def leaves_of(user_id: str, proof: LiabilityProof) -> list[LeafView]:
    """The user's leaves in a proof, in two queries; none for who had nothing then."""
    mine = LiabilityLeaf.objects.filter(proof=proof, wallet__user__public_id=user_id).order_by("position")
    leaves = list(mine.values_list("position", "salt", "amount"))
    wanted: dict[int, set[int]] = {}
    for position, _, _ in leaves:
        for level, sibling in path_positions(position, proof.leaf_count):
            wanted.setdefault(level, set()).add(sibling)
    nodes = _nodes(proof, wanted)
    return [
        LeafView(
            position,
            salt,
            amount,
            [nodes[place] for place in path_positions(position, proof.leaf_count)],
        )
        for position, salt, amount in leaves
    ]


def _nodes(proof: LiabilityProof, wanted: dict[int, set[int]]) -> dict[tuple[int, int], Node]:
    if not wanted:
        return {}
    places: Any = Q()
    for level, positions in wanted.items():
        places |= Q(level=level, position__in=sorted(positions))
    rows = LiabilityNode.objects.filter(places, proof=proof).values_list("level", "position", "hash", "sum")
    return {(level, position): Node(hash_, sum_) for level, position, hash_, sum_ in rows}
