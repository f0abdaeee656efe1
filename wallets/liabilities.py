"""The arithmetic of a proof of liabilities: leaves, nodes, and splitting balances. No rows here.

A summation Merkle tree as in "Generalized Proof of Liabilities" (Ji, Chalkias, 2021) without zero knowledge:
each node commits to the sum below it, so nobody's part can be left out of the total without a path that
breaks. `docs/verify_proof.py` checks the same with nothing of ours.
"""

import hashlib
import secrets
from typing import NamedTuple

LEAF_TAG, NODE_TAG = b"\x00", b"\x01"
"""Different first bytes, so that no leaf can be passed off as a node (RFC 6962, 2.1)."""

SUM_BYTES = 8
SALT_BYTES = 32
PARTS_MIN, PARTS_MAX = 2, 8

_random = secrets.SystemRandom()


class Node(NamedTuple):
    """Hash (hex) and sum (base units, never negative) of one node."""

    hash: str
    sum: int


def leaf_node(owner: str, salt: str, amount: int) -> Node:
    """The leaf for one part of a balance.

    Args:
        owner: public id of the user, so that two people are never shown the same leaf; empty for the rest.
        salt: 64 hex digits.
        amount: base units, zero or more.
    """
    digest = hashlib.sha256(LEAF_TAG + bytes.fromhex(salt) + _bytes(amount) + owner.encode())
    return Node(digest.hexdigest(), amount)


def parent(left: Node, right: Node) -> Node:
    """The node above two others."""
    digest = hashlib.sha256(
        NODE_TAG + bytes.fromhex(left.hash) + _bytes(left.sum) + bytes.fromhex(right.hash) + _bytes(right.sum)
    )
    return Node(digest.hexdigest(), left.sum + right.sum)


def fresh_salt() -> str:
    """64 hex digits that nobody can guess."""
    return secrets.token_hex(SALT_BYTES)


def parts_count() -> int:
    """Into how many parts the next balance is split."""
    return _random.randint(PARTS_MIN, PARTS_MAX)


def split(amount: int, parts: int) -> list[int]:
    """Random parts of an amount, zero or more each; together the amount."""
    cuts = sorted(_random.randint(0, amount) for _ in range(parts - 1))
    return [upper - lower for lower, upper in zip([0, *cuts], [*cuts, amount], strict=True)]


def shuffled(size: int) -> list[int]:
    """The numbers below `size` in an order that nobody can guess."""
    positions = list(range(size))
    _random.shuffle(positions)
    return positions


def tree_size(leaves: int) -> int:
    """The power of two to which so many leaves are padded; at least one."""
    return 1 << max(0, leaves - 1).bit_length()


def path_positions(position: int, size: int) -> list[tuple[int, int]]:
    """Level and position of each sibling on the way from a leaf to the root."""
    levels = size.bit_length() - 1
    return [(level, (position >> level) ^ 1) for level in range(levels)]


def _bytes(amount: int) -> bytes:
    return amount.to_bytes(SUM_BYTES, "big")
