"""Analytics in the admin site: to look at, never to edit."""

from django.contrib import admin

from analytics.models import DailyCount, Event
from ogc.admin import ScopedModelAdmin


@admin.register(Event)
class EventAdmin(ScopedModelAdmin):
    """Raw events."""

    view_scope = "analytics.read"
    list_display = ("name", "ts", "user", "session_id")
    list_filter = ("name", "ts")
    list_select_related = ("user",)
    search_fields = ("name", "dedupe_key")
    date_hierarchy = "ts"


@admin.register(DailyCount)
class DailyCountAdmin(ScopedModelAdmin):
    """Counts per day and name."""

    view_scope = "analytics.read"
    list_display = ("day", "name", "event_count", "user_count", "counted_at")
    list_filter = ("day", "name")
    search_fields = ("name",)
    date_hierarchy = "day"
