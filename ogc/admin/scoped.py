"""The base of every admin class: staff see and do in the admin site what their scopes allow in the API.

A scope is the permission `governance.<scope>` (a row made by `sync_access`), so the admin site reads the
same table as the API. Lists and forms are read-only unless a class names a `write_scope`; rows are deleted
only where it names a `delete_scope`. State changes are actions that call one service for each row through
`run_service`, which asks for a reason and reports what was done and what was refused with its code.

An app writes:

    @admin.register(Challenge)
    class ChallengeAdmin(ScopedModelAdmin):
        actions = ["publish"]

        @admin.action(description="Publish", permissions=["challenge_write"])
        def publish(self, request, queryset):
            self.run_service(request, queryset, lambda row, actor, reason: challenge_publish(...))

where `permissions=["challenge_write"]` shows the action to holders of the scope `challenge.write`.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.forms import ActionForm

from ogc.actors import Actor
from ogc.admin.reasons import ReasonField
from ogc.errors import DomainError, ProofRequired

SCOPE_PERMISSION_PREFIX = "governance."
ADMIN_SESSION_KEY = "ogc_session"
"""Where the cookie's session keeps the public id of the login."""


def scope_permission(scope: str) -> str:
    """The name under which Django's `has_perm` knows a scope."""
    return SCOPE_PERMISSION_PREFIX + scope


def holds_scope(request: HttpRequest, scope: str | None) -> bool:
    """Whether the signed-in member of staff holds `scope`; nobody holds the scope None."""
    return scope is not None and request.user.has_perm(scope_permission(scope))


def admin_actor(request: HttpRequest) -> Actor:
    """The caller of an admin page as the first argument of a service (at most three queries)."""
    user: Any = request.user
    scopes = {
        name.removeprefix(SCOPE_PERMISSION_PREFIX)
        for name in user.get_all_permissions()
        if name.startswith(SCOPE_PERMISSION_PREFIX)
    }
    roles = set(user.groups.values_list("name", flat=True))
    return Actor(
        kind="user",
        user_id=user.public_id,
        roles=frozenset(roles),
        scopes=frozenset(scopes),
        session_id=request.session.get(ADMIN_SESSION_KEY),
    )


class ReasonActionForm(ActionForm):
    """The form above an admin list with the reason that services write into the audit trail.

    `run_service` checks it: what this form refuses, Django calls "No action selected".
    """

    reason = forms.Field(
        required=False,
        label="",
        widget=forms.TextInput(attrs={"placeholder": "Reason", "aria-label": "Reason", "size": 40}),
    )


class ScopeAccess:
    """Permissions of an admin class or inline by scope.

    `view_scope` opens lists and pages, `write_scope` adds and changes rows, `delete_scope` deletes them;
    None means nobody, super admins included.
    """

    view_scope: str | None = "admin.read"
    write_scope: str | None = None
    delete_scope: str | None = None

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Readers, and whoever may write."""
        return holds_scope(request, self.view_scope) or holds_scope(request, self.write_scope)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Holders of the write scope."""
        return holds_scope(request, self.write_scope)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Holders of the write scope."""
        return holds_scope(request, self.write_scope)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Holders of the delete scope."""
        return holds_scope(request, self.delete_scope)


class ScopedModelAdmin(ScopeAccess, ModelAdmin):
    """Admin class of a model; read-only unless it names a write scope."""

    action_form = ReasonActionForm
    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """An app is listed for those who may view one of its models."""
        return self.has_view_permission(request)

    def __getattr__(self, name: str) -> Any:
        """`has_<resource>_<verb>_permission` (of an action's `permissions`) asks for `<resource>.<verb>`."""
        if name.startswith("has_") and name.endswith("_permission"):
            scope = name.removeprefix("has_").removesuffix("_permission").replace("_", ".", 1)
            return lambda request, *args: holds_scope(request, scope)
        raise AttributeError(name)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """`save_model` calls a service; its refusal is told above the form and nothing is saved."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ProofRequired:
            raise
        except DomainError as refused:
            self.message_user(request, f"{refused.code}: {refused.text}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def run_service(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        call: Callable[[Any, Actor, str], object],
        *,
        reason_required: bool = True,
    ) -> None:
        """Call one service for each selected row and tell what was done.

        Args:
            request: the action's request, with the reason of the form above the list.
            queryset: the selected rows.
            call: gets (row, actor, reason); a DomainError refuses this row only.
            reason_required: refuse the whole action when no reason was given; a bad one is refused anyway.

        Raises:
            ProofRequired: the person is asked to prove who they are by the middleware.
        """
        try:
            reason = ReasonField(required=reason_required).clean(request.POST.get("reason"))
        except forms.ValidationError as refused:
            self.message_user(request, f"Reason: {' '.join(refused.messages)}", messages.ERROR)
            return
        actor = admin_actor(request)
        done = 0
        try:
            for row in queryset:
                try:
                    call(row, actor, reason)
                except ProofRequired:
                    raise
                except DomainError as refused:
                    self.message_user(request, f"{row}: {refused.code}: {refused.text}", messages.WARNING)
                else:
                    done += 1
        finally:
            if done:
                self.message_user(request, f"Done: {done}.", messages.SUCCESS)


class ScopedTabularInline(ScopeAccess, TabularInline):
    """Rows of a related model as a table on their parent's page."""

    extra = 0


class ScopedStackedInline(ScopeAccess, StackedInline):
    """Rows of a related model as forms on their parent's page."""

    extra = 0
