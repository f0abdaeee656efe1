"""Shapes of money calls: what comes in, and for the document what goes out."""

from rest_framework import serializers

from accounts.constants import ADDRESS_MESSAGE_MAX_LENGTH, ADDRESS_SIGNATURE_MAX_LENGTH
from ogc.api.fields import Amount, Bool, Choice, EthAddress, Instant, Text
from ogc.api.serializers import OutSerializer, PageOut, PeriodQuery, StrictSerializer
from wallets.api.fields import Memo, Reason, Receiver
from wallets.constants import WALLET_KINDS, Direction, TransactionStatus, TransactionType, WalletStatus


class TransferIn(StrictSerializer):
    to = Receiver(help_text="User id, e-mail address, or 0x address (EIP-55).")
    amount = Amount(help_text='Decimal string, such as "12.5".')
    memo = Memo(required=False, default="")
    dry_run = Bool(required=False, default=False, help_text="Only tell what would happen.")


class MaybeReasonIn(StrictSerializer):
    """Of calls for which the contract names no reason, or none that is needed."""

    reason = Reason(min_length=0, required=False, default="")


class LimitOut(OutSerializer):
    name = serializers.CharField()
    unit = serializers.ChoiceField(["OGC", "moves"])
    limit = serializers.CharField(help_text="In the unit, as are the next two.")
    used = serializers.CharField()
    left = serializers.CharField()
    ok = serializers.BooleanField(help_text="Whether this move fits in.")


class PreviewOut(OutSerializer):
    dry_run = serializers.BooleanField()
    type = serializers.ChoiceField(["transfer", "withdrawal"])
    amount = Amount()
    fee = Amount()
    total = Amount(help_text="What leaves the balance.")
    available = Amount(help_text="What is there now.")
    limits = LimitOut(many=True)
    approval_needed = serializers.BooleanField(help_text="Finance looks at it first.")
    step_up_needed = serializers.BooleanField()
    expected_seconds = serializers.IntegerField(allow_null=True, help_text="Null: withdrawals are held.")
    refusal = serializers.CharField(allow_null=True, help_text="Code with which it would be refused now.")


class HistoryQuery(PeriodQuery):
    type = Choice(TransactionType.values, required=False)
    status = Choice(TransactionStatus.values, required=False)
    direction = Choice(Direction.values, required=False)


class BalancesOut(OutSerializer):
    available = Amount()
    pending = Amount(help_text="Earned, not yet released.")
    staked = Amount()
    reserved = Amount(help_text="Held for a withdrawal or checkout.")
    total = Amount(help_text="The sum of the four.")


class OnchainOut(OutSerializer):
    balance = Amount()
    block = serializers.IntegerField()
    synced_at = Instant()


class IncomingOut(OutSerializer):
    amount = Amount()
    tx_hash = serializers.CharField()
    confirmations = serializers.IntegerField()


class WalletOut(OutSerializer):
    id = serializers.CharField()
    address = serializers.CharField(allow_null=True, help_text="Linked 0x address.")
    status = serializers.ChoiceField(WalletStatus.choices)
    balances = BalancesOut()
    onchain = OnchainOut(allow_null=True, help_text="Of the linked address.")
    incoming = IncomingOut(many=True, help_text="Deposits seen, not yet final.")


class LinkNonceIn(StrictSerializer):
    address = EthAddress()


class LinkNonceOut(OutSerializer):
    nonce = serializers.CharField()
    message = serializers.CharField(help_text="Ready for personal_sign.")
    expires_at = Instant()


class LinkIn(StrictSerializer):
    message = Text(max_length=ADDRESS_MESSAGE_MAX_LENGTH, multiline=True, trim=False)
    signature = Text(max_length=ADDRESS_SIGNATURE_MAX_LENGTH, help_text="0x hex.")


class CounterpartyOut(OutSerializer):
    kind = serializers.ChoiceField(["user", "challenge", "address", "platform"])
    id = serializers.CharField(allow_null=True, help_text="Public id, or the 0x address.")
    name = serializers.CharField()


class EntryOut(OutSerializer):
    account = serializers.ChoiceField([kind.value for kind in WALLET_KINDS])
    amount = Amount(signed=True, help_text="Negative: taken from the account.")
    balance_after = Amount()


class ChainOut(OutSerializer):
    status = serializers.CharField()
    tx_hash = serializers.CharField(allow_null=True)
    nonce = serializers.IntegerField(allow_null=True)
    block = serializers.IntegerField(allow_null=True)
    confirmations = serializers.IntegerField()
    explorer_url = serializers.CharField(allow_null=True)


class TransactionOut(OutSerializer):
    id = serializers.CharField()
    type = serializers.ChoiceField(TransactionType.choices)
    status = serializers.ChoiceField(TransactionStatus.choices)
    amount = Amount()
    direction = serializers.ChoiceField(Direction.choices)
    counterparty = CounterpartyOut()
    memo = serializers.CharField()
    created_at = Instant()
    completed_at = Instant(allow_null=True)
    entries = EntryOut(many=True, help_text="Those of the caller's accounts, oldest first.")
    chain = ChainOut(allow_null=True)


class TransactionPageOut(PageOut):
    results = TransactionOut(many=True, help_text="Newest first: -created_at, then id.")
