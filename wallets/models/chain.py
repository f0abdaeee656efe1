"""What we know and want on the chain: the network, its signers, what they send, and what the indexer has
read.

Times here are real time: nothing on this page waits on the platform's clock.
"""

from django.db import models
from django.db.models import Q

from ogc.clock import real_now
from ogc.db.fields import BaseUnitsField, ExactCharField
from ogc.db.models import PublicModel
from ogc.jobs import OutboxRow
from wallets.chain.constants import ChainPurpose, ChainStatus, LogStatus, SignerStatus

ADDRESS = 42
HASH = 66
WEI_TEXT = 80
CORRELATION = 64


class ChainNetwork(models.Model):
    """The one network this database belongs to, written once; a node that differs stops all chain work.

    `locked_wei` is the first deposit of the vault, locked for good, that left the cold address.
    """

    key = ExactCharField(max_length=8, unique=True, default="active", editable=False)
    chain_id = models.BigIntegerField()
    genesis_hash = ExactCharField(max_length=HASH)
    token = ExactCharField(max_length=ADDRESS)
    vault = ExactCharField(max_length=ADDRESS, blank=True, default="")
    cold = ExactCharField(max_length=ADDRESS, blank=True, default="")
    start_block = models.BigIntegerField()
    locked_wei = ExactCharField(max_length=WEI_TEXT, default="0")
    recorded_at = models.DateTimeField(default=real_now, editable=False)

    def __str__(self) -> str:
        return f"chain {self.chain_id}"


class ChainPosition(models.Model):
    """Where the indexer stands, what it knows of finality, and whether withdrawals may go out.

    `near_*` is the last block read near the head, `final_*` the last whose second read was posted. `stopped`
    is the stop switch (staff, or the indexer after a transfer that no row explains); `breaker` holds
    withdrawals while finality stalls and releases by itself.
    """

    key = ExactCharField(max_length=8, unique=True, default="active", editable=False)
    near_number = models.BigIntegerField()
    near_hash = ExactCharField(max_length=HASH, blank=True, default="")
    final_number = models.BigIntegerField()
    final_hash = ExactCharField(max_length=HASH, blank=True, default="")
    head_number = models.BigIntegerField(default=0)
    finalized_number = models.BigIntegerField(default=0)
    lag_seconds = models.BigIntegerField(default=0)
    breaker = models.BooleanField(default=False)
    breaker_reason = models.CharField(max_length=200, blank=True, default="")
    stopped = models.BooleanField(default=False)
    stop_reason = models.CharField(max_length=200, blank=True, default="")
    checked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"final {self.final_number}, near {self.near_number}"


class ChainSigner(OutboxRow):
    """A hot wallet: its next nonce is given out under this row's lock and nowhere else.

    The lease keeps one lane at a time. `hold_reason` says why new sends wait, `stop_reason` why it is
    stopped.
    """

    address = ExactCharField(max_length=ADDRESS, unique=True)
    next_nonce = models.BigIntegerField()
    status = models.CharField(max_length=8, choices=SignerStatus, default=SignerStatus.ACTIVE)
    stop_reason = models.CharField(max_length=200, blank=True, default="")
    hold_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(next_nonce__gte=0), name="wallets_chainsigner_nonce_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.address


class ChainTransaction(PublicModel):
    """One token transfer that a hot wallet has to make; the states are in `chain.constants`.

    `signer` and `nonce` are set together, once, for ever. `tx_hash` is the newest hash until one of the
    attempts is mined, then that one; `block_*` and `gas_wei` tell where and for how much.
    """

    purpose = models.CharField(max_length=12, choices=ChainPurpose)
    status = models.CharField(max_length=20, choices=ChainStatus)
    transaction = models.OneToOneField("wallets.Transaction", on_delete=models.PROTECT, related_name="chain")
    wallet = models.ForeignKey(
        "wallets.Wallet", null=True, blank=True, on_delete=models.PROTECT, related_name="chain_transactions"
    )
    receiver = ExactCharField(max_length=ADDRESS)
    amount = BaseUnitsField()
    fee = BaseUnitsField(default=0)
    correlation_id = ExactCharField(max_length=CORRELATION, blank=True, default="")
    signer = models.ForeignKey(
        ChainSigner, null=True, blank=True, on_delete=models.PROTECT, related_name="chain_transactions"
    )
    nonce = models.BigIntegerField(null=True, blank=True)
    tx_hash = ExactCharField(max_length=HASH, blank=True, default="")
    block_number = models.BigIntegerField(null=True, blank=True)
    block_hash = ExactCharField(max_length=HASH, blank=True, default="")
    gas_wei = ExactCharField(max_length=WEI_TEXT, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("signer", "nonce"), name="wallets_chaintransaction_nonce_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="wallets_chaintransaction_amount_positive"
            ),
            models.CheckConstraint(condition=Q(fee__gte=0), name="wallets_chaintransaction_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(signer__isnull=True, nonce__isnull=True)
                | Q(signer__isnull=False, nonce__isnull=False),
                name="wallets_chaintransaction_nonce_with_signer",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ChainStatus.values), name="wallets_chaintransaction_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=("status", "id"), name="wallets_chaintx_status"),
            models.Index(fields=("wallet", "created_at"), name="wallets_chaintx_wallet_day"),
            models.Index(fields=("purpose", "created_at"), name="wallets_chaintx_day"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"


class SignedAttempt(models.Model):
    """A transaction that was signed for a nonce. Never deleted: any of them may be the one that is mined.

    `pays` says whether it carries out what its row wants (a cancelling self-transfer would not).
    """

    chain_transaction = models.ForeignKey(ChainTransaction, on_delete=models.PROTECT, related_name="attempts")
    raw = models.TextField()
    tx_hash = ExactCharField(max_length=HASH, unique=True)
    max_fee_wei = models.BigIntegerField()
    priority_fee_wei = models.BigIntegerField()
    pays = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=real_now, editable=False)

    def __str__(self) -> str:
        return self.tx_hash


class PayoutDay(models.Model):
    """What all withdrawals of one UTC day of platform time add up to; raised only while it stays under the
    limit."""

    day = models.DateField(unique=True)
    total = BaseUnitsField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total__gte=0), name="wallets_payoutday_total_not_negative"),
        ]

    def __str__(self) -> str:
        return self.day.isoformat()


class ChainBlock(models.Model):
    """Hash of a block read near the head; the last 512 are kept to find where a fork began."""

    number = models.BigIntegerField(unique=True)
    block_hash = ExactCharField(max_length=HASH)

    def __str__(self) -> str:
        return f"{self.number} {self.block_hash}"


class SeenTransfer(models.Model):
    """A token transfer from or to one of our hot wallets, known by chain, block, transaction and ordinal.

    `live_key` (transaction hash and ordinal) is set only while the transfer is final, so that a second live
    one can't exist. `dust_wei` is what a deposit brought below one base unit.
    """

    chain_id = models.BigIntegerField()
    block_number = models.BigIntegerField()
    block_hash = ExactCharField(max_length=HASH)
    tx_hash = ExactCharField(max_length=HASH)
    ordinal = models.IntegerField()
    sender = ExactCharField(max_length=ADDRESS)
    receiver = ExactCharField(max_length=ADDRESS)
    value_wei = ExactCharField(max_length=WEI_TEXT)
    dust_wei = models.BigIntegerField(default=0)
    status = models.CharField(max_length=8, choices=LogStatus, default=LogStatus.SEEN)
    live_key = ExactCharField(max_length=80, null=True, blank=True, unique=True)
    transaction = models.ForeignKey(
        "wallets.Transaction", null=True, blank=True, on_delete=models.PROTECT, related_name="seen_transfers"
    )
    seen_at = models.DateTimeField(default=real_now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("chain_id", "block_hash", "tx_hash", "ordinal"), name="wallets_seentransfer_once"
            ),
        ]
        indexes = [
            models.Index(fields=("status", "block_number"), name="wallets_seen_status"),
            models.Index(fields=("receiver", "status"), name="wallets_seen_receiver"),
        ]

    def __str__(self) -> str:
        return f"{self.tx_hash}:{self.ordinal}"
