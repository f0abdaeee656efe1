"""Notifications in the admin site: deliveries to look after, templates to change, the rest to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from notifications.models import Delivery, Notification, Preference, Template
from notifications.services.deliveries import delivery_resend
from notifications.services.templates import template_preview
from ogc.admin import ScopedModelAdmin


@admin.register(Delivery)
class DeliveryAdmin(ScopedModelAdmin):
    """The outbox; what was given up can be tried again."""

    list_display = (
        "public_id",
        "user",
        "channel",
        "type",
        "status",
        "attempts",
        "next_attempt_at",
        "created_at",
    )
    list_filter = ("status", "channel", "type", "created_at")
    list_select_related = ("user",)
    search_fields = ("public_id", "event_id", "user__email")
    date_hierarchy = "created_at"
    actions = ["try_again"]

    @admin.action(description="Try again (dead ones)", permissions=["notification_send"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Queue dead deliveries once more."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: delivery_resend(actor=actor, delivery=row, reason=reason),
            reason_required=False,
        )


@admin.register(Notification)
class NotificationAdmin(ScopedModelAdmin):
    """What people see in the app."""

    list_display = ("title", "user", "type", "read_at", "created_at")
    list_filter = ("type", "created_at")
    list_select_related = ("user",)
    search_fields = ("public_id", "title", "user__email")


@admin.register(Preference)
class PreferenceAdmin(ScopedModelAdmin):
    """What people chose."""

    list_display = ("user", "quiet_start", "quiet_end", "digest_hour")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(Template)
class TemplateAdmin(ScopedModelAdmin):
    """Texts in all versions, with a preview of each."""

    list_display = ("name", "version", "type", "title", "in_use")
    list_filter = ("type", "name")
    search_fields = ("name", "title", "message")
    readonly_fields = ("preview",)

    @admin.display(boolean=True, description="in use")
    def in_use(self, row: Template) -> bool:
        """Whether new notifications use this version."""
        return row.is_active

    @admin.display(description="preview with sample values")
    def preview(self, row: Template) -> Any:
        """In-app text, subject and plain text of the mail; the HTML twin is shown as its source."""
        message, mail = template_preview(row)
        return format_html(
            "<p><b>{}</b></p><p>{}</p><pre>{}</pre><pre>{}</pre>", mail.subject, message, mail.text, mail.html
        )
