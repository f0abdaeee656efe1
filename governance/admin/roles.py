"""Roles, who has them, and giving and taking them."""

from typing import Any

# Registers Group, so that it can be replaced here whatever the order of the apps.
import django.contrib.auth.admin  # noqa: F401
from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from accounts.selectors import user_by_email
from governance.services import role_assign, role_remove
from ogc.admin import ReasonField, ScopedModelAdmin, ScopedTabularInline, admin_actor

GIVE, TAKE = "give", "take"
CHANGES = {GIVE: role_assign, TAKE: role_remove}

admin.site.unregister(Group)


class RoleForm(forms.ModelForm):
    """A change of who has the role; the role itself is not changed."""

    person = forms.EmailField(
        label="Address of the person", max_length=254, widget=UnfoldAdminEmailInputWidget
    )
    change = forms.ChoiceField(
        choices=[(GIVE, "Give this role"), (TAKE, "Take this role away")], widget=UnfoldAdminSelectWidget
    )
    reason = ReasonField()

    class Meta:
        model = Group
        fields = ()

    def clean_person(self) -> Any:
        """The person with this address."""
        user = user_by_email(self.cleaned_data["person"])
        if user is None:
            raise forms.ValidationError("Nobody has this address.")
        return user


class MemberInline(ScopedTabularInline):
    """Who has the role."""

    model = get_user_model().groups.through
    verbose_name, verbose_name_plural = "person", "people with this role"
    fields = ("user",)
    readonly_fields = fields


@admin.register(Group)
class RoleAdmin(ScopedModelAdmin):
    """Roles with their scopes as they are synced from the access matrix; only code changes those."""

    write_scope = "role.write"
    form = RoleForm
    list_display = ("name", "scopes")
    search_fields = ("name",)
    readonly_fields = ("name", "scopes")
    inlines = (MemberInline,)

    @admin.display(description="Scopes")
    def scopes(self, group: Group) -> str:
        """All scopes of the role."""
        return ", ".join(sorted(group.permissions.values_list("codename", flat=True)))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The form only for those who may send it."""
        form = ("person", "change", "reason") if self.has_change_permission(request) else ()
        return ("name", "scopes", *form)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Code names roles, `sync_access` creates them."""
        return False

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        """Give or take the role through the service."""
        CHANGES[form.cleaned_data["change"]](
            actor=admin_actor(request),
            user_id=form.cleaned_data["person"].public_id,
            role=obj.name,
            reason=form.cleaned_data["reason"],
        )
