"""The audit trail and the changes of models, both read-only."""

# Registers its log entry, so that it can be replaced here whatever the order of the apps.
import auditlog.admin  # noqa: F401
from auditlog.models import LogEntry
from django.contrib import admin

from governance.models import AuditPersonal, AuditRecord, AuditSeal
from ogc.admin import ScopedModelAdmin, ScopedStackedInline

admin.site.unregister(LogEntry)


class AuditPersonalInline(ScopedStackedInline):
    """Address and agent, unless erased."""

    model = AuditPersonal
    view_scope = "audit.read"
    fields = ("ip", "user_agent")


@admin.register(AuditRecord)
class AuditRecordAdmin(ScopedModelAdmin):
    """Critical actions."""

    view_scope = "audit.read"
    list_display = ("created_at", "severity", "action", "actor_id", "target_type", "target_id", "reason")
    list_filter = ("severity", "action", "created_at")
    search_fields = ("=actor_id", "=target_id", "=public_id", "=request_id", "=correlation_id")
    inlines = (AuditPersonalInline,)


@admin.register(AuditPersonal)
class AuditPersonalAdmin(ScopedModelAdmin):
    """Personal parts of the trail."""

    view_scope = "audit.read"
    list_display = ("record_id", "ip", "user_agent")
    fields = ("record", "ip", "user_agent")
    search_fields = ("=ip",)


@admin.register(AuditSeal)
class AuditSealAdmin(ScopedModelAdmin):
    """The chain over the records."""

    view_scope = "audit.read"
    list_display = ("position", "record_id", "chain_hash", "sealed_at")
    search_fields = ("=position", "=chain_hash")


@admin.register(LogEntry)
class ModelChangeAdmin(ScopedModelAdmin):
    """Changes of tracked models, field by field."""

    view_scope = "audit.read"
    list_display = ("timestamp", "action", "content_type", "object_repr", "actor", "remote_addr")
    list_filter = ("action", "content_type", "timestamp")
    list_select_related = ("content_type", "actor")
    search_fields = ("object_repr", "=object_pk", "=cid")
