"""The admin site: the base of every admin class, and the pages of the plumbing's own tables."""

from ogc.admin import pages
from ogc.admin.reasons import ReasonField
from ogc.admin.scoped import (
    ADMIN_SESSION_KEY,
    ReasonActionForm,
    ScopeAccess,
    ScopedModelAdmin,
    ScopedStackedInline,
    ScopedTabularInline,
    admin_actor,
    holds_scope,
    scope_permission,
)

__all__ = [
    "ADMIN_SESSION_KEY",
    "ReasonActionForm",
    "ReasonField",
    "ScopeAccess",
    "ScopedModelAdmin",
    "ScopedStackedInline",
    "ScopedTabularInline",
    "admin_actor",
    "holds_scope",
    "pages",
    "scope_permission",
]
