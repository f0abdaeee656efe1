"""Tokens by mail and of machines, and the keys that sign."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
)

from accounts import services
from accounts.constants import SERVICE_SCOPES, SERVICE_TOKEN_MAX_DAYS, SIGNING_SLOT
from accounts.models import MailRequest, MailToken, ServiceToken, SigningKey
from ogc.admin import ReasonField, ScopedModelAdmin, admin_actor


@admin.register(MailToken)
class MailTokenAdmin(ScopedModelAdmin):
    """What was mailed and used; the nonce stays hidden."""

    list_display = ("user", "purpose", "created_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("nonce",)


class ServiceTokenForm(forms.ModelForm):
    """A new token of a machine; the service decides."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SERVICE_SCOPES], widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    days = forms.IntegerField(
        label="Days that it lives",
        initial=30,
        min_value=1,
        max_value=SERVICE_TOKEN_MAX_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = ReasonField()

    class Meta:
        model = ServiceToken
        fields = ("name",)


@admin.register(MailRequest)
class MailRequestAdmin(ScopedModelAdmin):
    """Mails that were asked for and are not looked up yet; the address stays sealed."""

    list_display = ("public_id", "purpose", "created_at")
    list_filter = ("purpose",)
    exclude = ("address_sealed",)


@admin.register(ServiceToken)
class ServiceTokenAdmin(ScopedModelAdmin):
    """Tokens of machines: made, revoked, never changed; their text is on one page, once."""

    write_scope = "role.write"
    list_display = ("name", "scopes", "created_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "=public_id")
    exclude = ("token_hash",)
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Revoke it and make another."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form of a new token; there is none for an old one."""
        return super().get_form(
            request, obj, change, **({"form": ServiceTokenForm} if obj is None else {}) | kwargs
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is asked for, or all that is known."""
        return ("name", "scopes", "days", "reason") if obj is None else super().get_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make it through the service; the text stays in this request."""
        asked = form.cleaned_data
        row, text = services.service_token_create(
            actor=admin_actor(request),
            name=asked["name"],
            scopes=asked["scopes"],
            days=asked["days"],
            reason=asked["reason"],
        )
        obj.pk, obj.public_id, obj.expires_at, obj.text = row.pk, row.public_id, row.expires_at, text

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the text in this answer and nowhere else: messages would keep it in a cookie."""
        context = self.admin_site.each_context(request) | {"title": "New service token", "token": obj}
        return render(request, "accounts/service_token_made.html", context)

    @admin.action(description="Revoke", permissions=["role_write"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ServiceToken]) -> None:
        """Refuse the selected tokens from now on."""
        self.run_service(
            request,
            queryset,
            lambda token, actor, reason: services.service_token_revoke(
                actor=actor, token_id=token.public_id, reason=reason
            ),
        )


@admin.register(SigningKey)
class SigningKeyAdmin(ScopedModelAdmin):
    """Keys of access tokens; rotated here or by `manage.py rotate_signing_key`."""

    list_display = ("kid", "created_at", "signing_slot", "accepted_until", "compromised_at")
    search_fields = ("kid",)
    exclude = ("private_sealed",)
    actions = ("rotate", "refuse")

    @admin.action(description="Rotate: let a new key sign", permissions=["role_write"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[SigningKey]) -> None:
        """Replace the key that signs, if it is the selected one."""
        signing = queryset.filter(signing_slot=SIGNING_SLOT)
        if not signing:
            self.message_user(request, "Select the key that signs.", messages.ERROR)
            return
        self.run_service(
            request,
            signing,
            lambda key, actor, reason: services.signing_key_rotate(actor=actor, reason=reason),
        )

    @admin.action(description="Compromised: refuse all its tokens", permissions=["role_write"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[SigningKey]) -> None:
        """Let a new key sign and refuse at once what the selected ones signed."""
        self.run_service(
            request,
            queryset,
            lambda key, actor, reason: services.signing_key_rotate(
                actor=actor, compromised=key.kid, reason=reason
            ),
        )
