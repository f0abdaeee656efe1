"""Proof of liabilities: once a day, every balance goes into a tree whose root is published.

The row of the day is the work. Balances are read in one snapshot into two arrays of numbers; leaves and
nodes are then written in chunks, so that no long transaction is open and memory stays small. A builder that
dies leaves a row whose lease runs out; the next one begins anew.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from django.db.models import Exists, Max, OuterRef, Sum

from ogc import clock
from ogc.amounts import SUPPLY_BASE_UNITS
from ogc.db.snapshots import snapshot
from ogc.db.statements import InsertStatement
from ogc.jobs import Lease, LeaseLost, claim
from wallets.chain.holdings import holdings_at, posted_block
from wallets.constants import CONTRA_KINDS, PROOF_SHARES, AccountKind, ProofStatus
from wallets.liabilities import Node, fresh_salt, leaf_node, parent, parts_count, shuffled, split, tree_size
from wallets.models import (
    LedgerAccount,
    LiabilityLeaf,
    LiabilityNode,
    LiabilityProof,
    Posting,
    UnfoldedEntry,
    Wallet,
)

CHUNK = 500
KEPT = 2
"""Published proofs whose trees are kept."""

PLATFORM = 0
"""In place of the row number of a wallet: what no user owns."""

LOOKS = 3
"""How often balances and chain are read before they may be of different blocks."""

LEASE_SECONDS = 300
"""Reading all balances takes a while."""

ATTEMPTS_MAX = 20
RETRY_SECONDS = 30

_SHARES: dict[str, str] = {
    AccountKind.ESCROW: "escrows",
    AccountKind.UNCLAIMED_DEPOSITS: "unclaimed_deposits",
}
_INSERT_LEAF = InsertStatement(LiabilityLeaf, "proof", "position", "wallet", "salt", "amount")
_INSERT_NODE = InsertStatement(LiabilityNode, "proof", "level", "position", "hash", "sum")


@dataclass(slots=True)
class _Balances:
    """All that is owed as of one posting. `owners` are wallets by row number, or PLATFORM."""

    posting_id: int = 0
    owners: "array[int]" = field(default_factory=lambda: array("q"))
    amounts: "array[int]" = field(default_factory=lambda: array("q"))
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PROOF_SHARES, 0))

    def add(self, owner: int, amount: int, share: str) -> None:
        """Count one balance; what is zero gets no leaf."""
        self.totals[share] += amount
        if amount:
            self.owners.append(owner)
            self.amounts.append(amount)


def proof_request(*, again: bool = False) -> int:
    """The row of today's proof, or of one more; its row number. Safe to call by two at once.

    Args:
        again: a new one although today has one.
    """
    today = LiabilityProof.objects.filter(day=clock.today())
    last = today.aggregate(last=Max("number"))["last"]
    number = 0 if last is None or not again else last + 1
    return int(LiabilityProof.objects.get_or_create(day=clock.today(), number=number)[0].pk)


def proof_build(*, proof_pk: int) -> None:
    """Build and publish one proof if it waits and nobody else is at it; then drop the trees of old ones.

    Effects: the node of the chain is asked outside any transaction.
    """
    lease = claim(LiabilityProof, proof_pk, statuses=[ProofStatus.QUEUED], lease_seconds=LEASE_SECONDS)
    if lease is None:
        return
    try:
        _drop_tree(proof_pk)
        balances, holdings = _read_at_one_block()
        size, lease = _write_leaves(proof_pk, balances, lease)
        root, lease = _write_tree(proof_pk, size, lease)
        published = lease.release(
            status=ProofStatus.PUBLISHED,
            posting_id=balances.posting_id,
            root=root.hash,
            total=root.sum,
            leaf_count=size,
            totals={name: str(amount) for name, amount in balances.totals.items()},
            holdings=holdings,
            published_at=clock.now(),
            last_error="",
        )
        if published:
            trees_prune()
    except LeaseLost:
        return
    except Exception as error:
        attempts = LiabilityProof.objects.values_list("attempts", flat=True).get(pk=proof_pk)
        lease.release(
            status=ProofStatus.FAILED if attempts >= ATTEMPTS_MAX else ProofStatus.QUEUED,
            next_attempt_at=clock.real_now() + timedelta(seconds=RETRY_SECONDS * attempts),
            last_error=type(error).__name__,
        )
        raise


def trees_prune() -> int:
    """Delete leaves and nodes of all but the latest published proofs; returns how many proofs."""
    published = LiabilityProof.objects.filter(status=ProofStatus.PUBLISHED).order_by("-day", "-number")
    old = list(published.values_list("pk", flat=True)[KEPT:])
    for pk in old:
        # Its status first: nobody is to be shown a tree of which a part is gone.
        LiabilityProof.objects.filter(pk=pk).update(status=ProofStatus.PRUNED)
    rest = LiabilityNode.objects.filter(proof_id=OuterRef("pk"))
    for proof in LiabilityProof.objects.filter(Exists(rest), status=ProofStatus.PRUNED):
        _drop_tree(proof.pk)
    return len(old)


def _read_at_one_block() -> tuple[_Balances, dict[str, object] | None]:
    """Balances, and the holdings at the posted block; again when the indexer posted more in between."""
    for _ in range(LOOKS):
        block = posted_block()
        holdings = holdings_at(block)
        balances = _read_balances()
        if posted_block() == block:
            break
    return balances, holdings


def _read_balances() -> _Balances:
    balances = _Balances()
    with snapshot():
        balances.posting_id = Posting.objects.aggregate(last=Max("pk"))["last"] or 0
        for wallet_pk, owed in _owed_to_users():
            balances.add(wallet_pk, owed, "users")
        for kind, owed in _owed_by_us():
            if kind == AccountKind.LOSSES:
                balances.totals["losses"] += owed
            else:
                balances.add(PLATFORM, owed, _SHARES.get(kind, "platform"))
    return balances


def _owed_to_users() -> Iterator[tuple[int, int]]:
    """Each wallet with the sum of its accounts, in order."""
    waiting = UnfoldedEntry.objects.filter(account__wallet__isnull=False).values("account__wallet_id")
    unfolded = dict(waiting.annotate(owed=Sum("amount")).values_list("account__wallet_id", "owed"))
    after = 0
    while True:
        wallets = LedgerAccount.objects.filter(wallet_id__gt=after).values("wallet_id").order_by("wallet_id")
        rows = list(wallets.annotate(owed=Sum("balance")).values_list("wallet_id", "owed")[:CHUNK])
        if not rows:
            return
        for wallet_pk, owed in rows:
            yield wallet_pk, int(owed) + int(unfolded.get(wallet_pk, 0))
        after = rows[-1][0]


def _owed_by_us() -> Iterator[tuple[str, int]]:
    """Kind and balance of each account of the platform that is no contra account."""
    waiting = UnfoldedEntry.objects.filter(account__wallet__isnull=True).values("account_id")
    unfolded = dict(waiting.annotate(owed=Sum("amount")).values_list("account_id", "owed"))
    own = LedgerAccount.objects.filter(wallet__isnull=True).exclude(kind__in=CONTRA_KINDS)
    for pk, kind, balance in own.values_list("pk", "kind", "balance").iterator(CHUNK):
        yield kind, balance + int(unfolded.get(pk, 0))


def _write_leaves(proof_pk: int, balances: _Balances, lease: Lease) -> tuple[int, Lease]:
    """Write all leaves with their level of the tree; how many, padding included."""
    counts = bytes(parts_count() for _ in balances.owners)
    size = tree_size(sum(counts))
    leaves = _leaves(balances, counts, shuffled(size))
    while chunk := list(islice(leaves, CHUNK)):
        lease = lease.kept()
        names = dict(
            Wallet.objects.filter(pk__in={owner for _, owner, _, _ in chunk}).values_list(
                "pk", "user__public_id"
            )
        )
        nodes = [leaf_node(names.get(owner, ""), salt, amount) for _, owner, salt, amount in chunk]
        _INSERT_LEAF.execute(
            [(proof_pk, at, owner or None, salt, amount) for at, owner, salt, amount in chunk]
        )
        _INSERT_NODE.execute([(proof_pk, 0, at, *node) for (at, *_), node in zip(chunk, nodes, strict=True)])
    return size, lease


def _leaves(balances: _Balances, counts: bytes, positions: list[int]) -> Iterator[tuple[int, int, str, int]]:
    """Position, owner, salt and amount of each leaf, in the order of the owners; the rest is padding."""
    for owner, amount, parts in zip(balances.owners, balances.amounts, counts, strict=True):
        for part in split(amount, parts):
            yield positions.pop(), owner, fresh_salt(), part
    while positions:
        yield positions.pop(), 0, fresh_salt(), 0


def _write_tree(proof_pk: int, size: int, lease: Lease) -> tuple[Node, Lease]:
    """Write the levels above the leaves; the root."""
    level = 0
    while size > 1:
        for start in range(0, size, CHUNK):
            lease = lease.kept()
            below = _level_part(proof_pk, level, start)
            parents = [parent(*pair) for pair in zip(below[::2], below[1::2], strict=True)]
            _INSERT_NODE.execute(
                [(proof_pk, level + 1, start // 2 + index, *node) for index, node in enumerate(parents)]
            )
        level, size = level + 1, size // 2
    root = _level_part(proof_pk, level, 0)[0]
    if root.sum > SUPPLY_BASE_UNITS:
        raise ValueError("more is owed than there are tokens")
    return root, lease


def _level_part(proof_pk: int, level: int, start: int) -> list[Node]:
    nodes = LiabilityNode.objects.filter(
        proof_id=proof_pk, level=level, position__gte=start, position__lt=start + CHUNK
    )
    return [Node(*row) for row in nodes.order_by("position").values_list("hash", "sum")]


def _drop_tree(proof_pk: int) -> None:
    """Nodes last: while one is there, something is left to be dropped."""
    for model in (LiabilityLeaf, LiabilityNode):
        rows = model._default_manager.filter(proof_id=proof_pk)
        while pks := list(rows.values_list("pk", flat=True)[:CHUNK]):
            rows.filter(pk__in=pks).delete()
