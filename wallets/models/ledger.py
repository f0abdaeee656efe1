"""The ledger: accounts, transactions, and the journal of postings and entries.

Balances are kept by the database: a trigger on `Entry` adds each new entry to its account, so that no path
can write one without the other, and the CHECKs of the account hold inside it (docs/ledger.md).
"""

from django.db import models
from django.db.models import F, Q

from ogc.db.fields import BaseUnitsField, ExactCharField
from ogc.db.models import PublicModel
from wallets.constants import (
    ACCOUNT_KEY_MAX_LENGTH,
    CONTRA_KINDS,
    FREE_KINDS,
    MEMO_MAX_LENGTH,
    REFERENCE_MAX_LENGTH,
    SOURCE_KEY_MAX_LENGTH,
    WALLET_KINDS,
    AccountKind,
    PostingKind,
    TransactionStatus,
    TransactionType,
)


class LedgerAccount(models.Model):
    """One balance, named by a unique text key such as `user:<public id>:available` or `treasury`.

    `balance` and `entry_count` belong to the trigger on entries: written by nothing else. `lazy` accounts
    take some entries without their row being locked; those wait in `UnfoldedEntry`, and the balance is
    then the row plus what is unfolded.
    """

    id = models.BigAutoField(primary_key=True)
    key = ExactCharField(max_length=ACCOUNT_KEY_MAX_LENGTH, unique=True)
    kind = models.CharField(max_length=24, choices=AccountKind)
    wallet = models.ForeignKey(
        "wallets.Wallet",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="accounts",
    )
    balance = BaseUnitsField(default=0, editable=False)
    entry_count = models.BigIntegerField(default=0, editable=False)
    lazy = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=CONTRA_KINDS) | Q(balance__lte=0),
                name="wallets_ledgeraccount_contra_not_positive",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=(*CONTRA_KINDS, *FREE_KINDS)) | Q(balance__gte=0),
                name="wallets_ledgeraccount_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=WALLET_KINDS, wallet__isnull=False)
                | (~Q(kind__in=WALLET_KINDS) & Q(wallet__isnull=True)),
                name="wallets_ledgeraccount_wallet_matches_kind",
            ),
            models.UniqueConstraint(fields=("wallet", "kind"), name="wallets_ledgeraccount_one_per_kind"),
        ]

    def __str__(self) -> str:
        return self.key


class Transaction(PublicModel):
    """The business object: what moved, between whom, and how far it got.

    `sender` and `recipient` are the wallets on either side (None: the platform or the chain). `reference`
    names what caused it, such as `challenge:<public id>`. The status moves by `TRANSACTION_MOVES` only.
    """

    type = models.CharField(max_length=20, choices=TransactionType)
    status = models.CharField(max_length=10, choices=TransactionStatus, default=TransactionStatus.PENDING)
    amount = BaseUnitsField()
    sender = models.ForeignKey(
        "wallets.Wallet",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="outgoing_transactions",
    )
    recipient = models.ForeignKey(
        "wallets.Wallet",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="incoming_transactions",
    )
    memo = models.CharField(max_length=MEMO_MAX_LENGTH, blank=True, default="")
    reference = ExactCharField(max_length=REFERENCE_MAX_LENGTH, blank=True, default="")
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="wallets_transaction_amount_positive"),
            models.CheckConstraint(
                condition=Q(status__in=TransactionStatus.values), name="wallets_transaction_status_known"
            ),
            models.CheckConstraint(
                condition=Q(sender__isnull=True) | Q(recipient__isnull=True) | ~Q(sender=F("recipient")),
                name="wallets_transaction_two_parties",
            ),
        ]
        indexes = [
            models.Index(fields=("sender", "created_at", "id"), name="wallets_tx_sender"),
            models.Index(fields=("recipient", "created_at", "id"), name="wallets_tx_recipient"),
            models.Index(fields=("type", "status", "created_at"), name="wallets_tx_type_status"),
            models.Index(fields=("created_at", "id"), name="wallets_tx_latest"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Posting(models.Model):
    """An immutable journal record of one transaction; its entries sum to zero.

    `source_key` names the one cause that it books, so that no cause is booked twice.
    """

    id = models.BigAutoField(primary_key=True)
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="postings")
    kind = models.CharField(max_length=8, choices=PostingKind)
    source_key = ExactCharField(max_length=SOURCE_KEY_MAX_LENGTH, unique=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=PostingKind.values), name="wallets_posting_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.source_key


class Entry(models.Model):
    """What one posting adds to one account (negative: takes). Ids of one account rise in commit order.

    `section` numbers off the entries of an account, `SECTION_ENTRIES` to each, for running balances; None on
    a lazy account. `unfolded` entries were written without a lock on a lazy account. The account has no
    foreign key in the database, since checking it would lock the account's row; the trigger that adds the
    entry refuses an unknown account, and accounts are never deleted.
    """

    id = models.BigAutoField(primary_key=True)
    posting = models.ForeignKey(Posting, db_index=False, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(
        LedgerAccount, db_constraint=False, db_index=False, on_delete=models.PROTECT, related_name="entries"
    )
    amount = BaseUnitsField()
    section = models.IntegerField(null=True)
    unfolded = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="wallets_entry_amount_not_zero"),
        ]
        indexes = [
            models.Index(fields=("account", "section", "id", "amount"), name="wallets_entry_section"),
            models.Index(fields=("posting", "account", "section", "amount"), name="wallets_entry_posting"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount}"


class UnfoldedEntry(models.Model):
    """An entry of a lazy account that its balance does not hold yet; deleted by whoever folds it in."""

    entry = models.OneToOneField(
        Entry, primary_key=True, on_delete=models.PROTECT, related_name="unfolded_entry"
    )
    account = models.ForeignKey(
        LedgerAccount, db_constraint=False, on_delete=models.PROTECT, related_name="unfolded_entries"
    )
    amount = BaseUnitsField()

    class Meta:
        verbose_name_plural = "unfolded entries"

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount}"


class FoldedEntry(models.Model):
    """The place of an entry of a lazy account among its entries, given when it went into the balance.

    Written by triggers only: for an entry written under lock with it, for others when they are folded.
    """

    entry = models.OneToOneField(
        Entry, primary_key=True, on_delete=models.PROTECT, related_name="folded_entry"
    )
    account = models.ForeignKey(
        LedgerAccount,
        db_constraint=False,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="folded_entries",
    )
    section = models.IntegerField()
    amount = BaseUnitsField()

    class Meta:
        verbose_name_plural = "folded entries"
        indexes = [
            models.Index(fields=("account", "section", "entry", "amount"), name="wallets_folded_section"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount}"


class Checkpoint(models.Model):
    """The sum of an account's entries before a section, up to and with `entry_id`; written by the trigger.

    It bounds what a running balance has to add, however long the history is.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(
        LedgerAccount,
        db_constraint=False,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="checkpoints",
    )
    section = models.IntegerField()
    entry_id = models.BigIntegerField(unique=True)
    balance = BaseUnitsField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("account", "section"), name="wallets_checkpoint_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.balance}"


class LedgerMark(models.Model):
    """How far a job that walks the journal got: `entry_id` was the last entry that it saw, at `seen_at`."""

    name = ExactCharField(max_length=REFERENCE_MAX_LENGTH, primary_key=True)
    entry_id = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
