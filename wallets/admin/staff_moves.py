"""What staff moved by hand, and the form with which they do."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from ogc.admin import ReasonField, ScopedModelAdmin, admin_actor, holds_scope
from ogc.amounts import parse_amount, parse_signed_amount
from ogc.errors import InvalidAmount
from ogc.ids import is_public_id, uuid7
from wallets.admin.columns import AmountColumn
from wallets.constants import StaffMoveKind
from wallets.models import StaffMove, Wallet
from wallets.selectors.staff import wallets_for_staff
from wallets.services import adjustments, grants

SCOPES = {move.kind: move.scope for move in (adjustments.ADJUSTMENT, grants.GRANT)}
"""What can be begun here; a reversal begins in the list of transactions."""


class StaffMoveForm(forms.ModelForm):
    """An adjustment or a reward; the service decides. `key` makes a form that is sent twice one move."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in SCOPES], widget=UnfoldAdminSelectWidget
    )
    wallet = forms.CharField(
        help_text="Wallet id, user id or e-mail address.", widget=UnfoldAdminTextInputWidget
    )
    how_much = forms.CharField(
        label="Amount (OGC)",
        help_text="With a minus an adjustment takes from the user.",
        widget=UnfoldAdminTextInputWidget,
    )
    reason = ReasonField(help_text="The user sees it.")
    key = forms.CharField(initial=uuid7, widget=forms.HiddenInput)

    class Meta:
        model = StaffMove
        fields = ("kind", "reason")

    def clean_wallet(self) -> Wallet:
        """The wallet that is meant."""
        text = self.cleaned_data["wallet"].strip()
        found = wallets_for_staff(user=text).first() or wallets_for_staff(wallet_id=text).first()
        if found is None:
            raise forms.ValidationError("There is no such wallet.")
        return found

    def clean_how_much(self) -> int:
        """Base units; only an adjustment takes."""
        is_signed = self.cleaned_data.get("kind") == StaffMoveKind.ADJUSTMENT
        try:
            return (parse_signed_amount if is_signed else parse_amount)(self.cleaned_data["how_much"].strip())
        except InvalidAmount as refused:
            raise forms.ValidationError(refused.text) from refused

    def clean_key(self) -> str:
        """As the form gave it."""
        if not is_public_id(self.cleaned_data["key"]):
            raise forms.ValidationError("Open the form again.")
        return str(self.cleaned_data["key"])


@admin.register(StaffMove)
class StaffMoveAdmin(AmountColumn, ScopedModelAdmin):
    """What staff moved by hand, newest first; new ones go through the services."""

    list_display = ("created_at", "kind", "actor", "amount_ogc", "transaction", "approval_id", "reason")
    list_filter = ("kind", "created_at")
    search_fields = ("actor__email", "transaction__public_id", "reason")
    list_select_related = ("actor", "transaction")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # type: ignore[override]
        """Whoever may make one of the two kinds; the service asks for the scope of the one that is made."""
        return any(holds_scope(request, scope) for scope in SCOPES.values())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form of a new move; there is none for an old one."""
        form = {"form": StaffMoveForm} if obj is None else {}
        return super().get_form(request, obj, change, **form | kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is asked for, or all that is known."""
        asked = ("kind", "wallet", "how_much", "reason", "key")
        return asked if obj is None else super().get_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Call the service; it made a move, or it asked for the second person."""
        asked, actor = form.cleaned_data, admin_actor(request)
        if asked["kind"] == StaffMoveKind.ADJUSTMENT:
            outcome = adjustments.adjustment_request(
                actor=actor,
                wallet_id=asked["wallet"].public_id,
                amount=asked["how_much"],
                reason=asked["reason"],
                key=asked["key"],
            )
        else:
            outcome = grants.grant_request(
                actor=actor,
                user_id=asked["wallet"].user.public_id,
                amount=asked["how_much"],
                reason=asked["reason"],
                key=asked["key"],
            )
        obj.outcome = outcome
        if outcome.approval is None:
            obj.pk = StaffMove.objects.get(transaction__public_id=outcome.transaction_id).pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit trail has it, and what waits is no move yet."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the list, with what came of it."""
        if obj.outcome.approval is None:
            self.message_user(request, f"Done: transaction {obj.outcome.transaction_id}.", messages.SUCCESS)
        else:
            text = f"It waits for a second person: approval {obj.outcome.approval.public_id}."
            self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:wallets_staffmove_changelist"))
