"""The ledger as staff see it: all of it. Wallets are frozen and adjusted, transactions undone by services."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from ogc.actors import Actor
from ogc.admin import ScopedModelAdmin, ScopedTabularInline
from wallets.admin.columns import AmountColumn, BalanceColumn
from wallets.models import Entry, LedgerAccount, Posting, Transaction, Wallet
from wallets.services.reversals import reversal_request
from wallets.services.risk_holds import wallet_risk_hold, wallet_risk_release
from wallets.services.wallets import wallet_freeze, wallet_unfreeze


class AccountInline(BalanceColumn, ScopedTabularInline):
    """The four balances of a wallet."""

    model = LedgerAccount
    fields = readonly_fields = ("kind", "balance_ogc", "lazy")
    can_delete = False


@admin.register(Wallet)
class WalletAdmin(ScopedModelAdmin):
    """Wallets, with freezing."""

    list_display = ("public_id", "user", "status", "risk_held_at", "address", "created_at", "adjust")
    list_filter = ("status", ("risk_held_at", admin.EmptyFieldListFilter))
    search_fields = ("public_id", "user__email", "address")
    list_select_related = ("user",)
    ordering = ("-id",)
    inlines = (AccountInline,)
    actions = ("freeze", "unfreeze", "hold_rewards", "release_rewards")

    @admin.display(description="Adjust or reward")
    def adjust(self, row: Wallet) -> str:
        """A link to the form; who may use it is asked there."""
        page = reverse("admin:wallets_staffmove_add")
        return format_html('<a href="{}?wallet={}">New move</a>', page, row.public_id)

    @admin.action(description="Freeze outgoing moves", permissions=["wallet_adjust"])
    def freeze(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> None:
        """Nothing leaves these wallets any more."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: wallet_freeze(actor=actor, wallet_id=row.public_id, reason=reason),
        )

    @admin.action(description="Unfreeze", permissions=["wallet_adjust"])
    def unfreeze(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> None:
        """These wallets may give again."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: wallet_unfreeze(actor=actor, wallet_id=row.public_id, reason=reason),
        )

    @admin.action(description="Hold rewards (risk)", permissions=["wallet_adjust"])
    def hold_rewards(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> None:
        """What these people earn stays pending."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: wallet_risk_hold(actor=actor, wallet_id=row.public_id, reason=reason),
        )

    @admin.action(description="End the hold of rewards", permissions=["wallet_adjust"])
    def release_rewards(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> None:
        """Rewards whose time is over are released soon."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: wallet_risk_release(
                actor=actor, wallet_id=row.public_id, reason=reason
            ),
        )


class EntryInline(AmountColumn, ScopedTabularInline):
    """What a posting did to each account."""

    model = Entry
    fields = readonly_fields = ("id", "account", "amount_ogc", "unfolded")
    can_delete = False


class PostingInline(ScopedTabularInline):
    """The journal records of a transaction."""

    model = Posting
    fields = readonly_fields = ("id", "kind", "source_key", "created_at")
    can_delete = False
    show_change_link = True


@admin.register(Transaction)
class TransactionAdmin(AmountColumn, ScopedModelAdmin):
    """Transactions, newest first."""

    list_display = ("public_id", "type", "status", "amount_ogc", "sender", "recipient", "created_at")
    list_filter = ("type", "status", "created_at")
    search_fields = ("public_id", "reference", "sender__user__email", "recipient__user__email")
    ordering = ("-created_at", "-id")
    inlines = (PostingInline,)
    actions = ("undo",)

    @admin.action(description="Reverse: undo with another transaction", permissions=["wallet_adjust"])
    def undo(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        """Undo each one, or ask for the second person."""

        def call(row: Transaction, actor: Actor, reason: str) -> None:
            outcome = reversal_request(actor=actor, transaction_id=row.public_id, reason=reason)
            if outcome.approval is not None:
                self.message_user(request, f"{row}: waits for a second person.", messages.WARNING)

        self.run_service(request, queryset, call)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transaction]:
        """With the parties' wallets."""
        rows: QuerySet[Transaction] = super().get_queryset(request)
        return rows.select_related("sender", "recipient")


@admin.register(Posting)
class PostingAdmin(ScopedModelAdmin):
    """Journal records with their entries."""

    list_display = ("id", "kind", "source_key", "transaction", "created_at")
    list_filter = ("kind",)
    search_fields = ("source_key", "transaction__public_id")
    list_select_related = ("transaction",)
    ordering = ("-id",)
    inlines = (EntryInline,)


@admin.register(LedgerAccount)
class LedgerAccountAdmin(BalanceColumn, ScopedModelAdmin):
    """Every account, system accounts first."""

    list_display = ("key", "kind", "balance_ogc", "entry_count", "lazy")
    list_filter = ("kind", "lazy")
    search_fields = ("key",)
    ordering = ("id",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """All of them, shown in OGC as well."""
        return ("key", "kind", "wallet", "balance_ogc", "balance", "entry_count", "lazy")
