"""Policies and flags."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from governance.models import FeatureFlag, Policy, PolicyVersion
from governance.policy_schema import check_document
from governance.services import flag_write, policy_write
from ogc.admin import ReasonField, ScopedModelAdmin, ScopedTabularInline, admin_actor
from ogc.errors import ValidationFailed


class PolicyForm(forms.ModelForm):
    """A policy with its document checked against the schema of its level."""

    reason = ReasonField()

    class Meta:
        model = Policy
        fields = ("name", "level", "is_enabled", "document", "version")
        widgets = {"version": forms.HiddenInput}

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with the document beside it."""
        cleaned = super().clean() or {}
        if cleaned.get("level") and cleaned.get("document") is not None:
            try:
                check_document(cleaned["level"], cleaned["document"])
            except ValidationFailed as refused:
                problems = [
                    f"{path}: {p['message']}" for path, found in refused.details.items() for p in found
                ]
                self.add_error("document", forms.ValidationError(problems))
        return cleaned


class PolicyVersionInline(ScopedTabularInline):
    """What the policy said before."""

    model = PolicyVersion
    fields = ("version", "level", "is_enabled", "author", "reason", "created_at")
    readonly_fields = fields


@admin.register(Policy)
class PolicyAdmin(ScopedModelAdmin):
    """Policies; each save is a new version."""

    write_scope = "policy.write"
    form = PolicyForm
    list_display = ("name", "level", "version", "is_enabled", "updated_at")
    list_filter = ("level", "is_enabled")
    search_fields = ("name",)
    inlines = (PolicyVersionInline,)

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """Write the next version through the service."""
        written = policy_write(
            actor=admin_actor(request),
            name=obj.name,
            level=obj.level,
            document=obj.document,
            is_enabled=obj.is_enabled,
            policy_id=obj.public_id if change else None,
            version=obj.version if change else None,
            reason=form.cleaned_data["reason"],
        )
        obj.pk, obj.public_id, obj.version = written.pk, written.public_id, written.version


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ScopedModelAdmin):
    """The history of all policies."""

    list_display = ("policy", "version", "level", "is_enabled", "author", "created_at")
    list_filter = ("level",)
    list_select_related = ("policy",)


class FlagForm(forms.ModelForm):
    """A flag; its name and description belong to the code that asks for it."""

    class Meta:
        model = FeatureFlag
        fields = ("is_enabled", "roles", "plans", "user_ids", "percentage", "version")
        widgets = {"version": forms.HiddenInput}


@admin.register(FeatureFlag)
class FeatureFlagAdmin(ScopedModelAdmin):
    """Flags that the code knows."""

    write_scope = "flag.write"
    form = FlagForm
    list_display = ("name", "is_enabled", "percentage", "version", "updated_at")
    search_fields = ("name", "description")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Code names flags, seed creates them."""
        return False

    def save_model(self, request: HttpRequest, obj: FeatureFlag, form: Any, change: bool) -> None:
        """Save through the service."""
        written = flag_write(
            actor=admin_actor(request),
            name=obj.name,
            version=obj.version,
            is_enabled=obj.is_enabled,
            roles=obj.roles,
            plans=obj.plans,
            user_ids=obj.user_ids,
            percentage=obj.percentage,
        )
        obj.version = written.version
