"""Events, their consumers, idempotency records and the clock, as staff see them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ogc.admin.scoped import ScopedModelAdmin
from ogc.events.dispatch import retry_now
from ogc.models import ClockOffset, DomainEvent, EventConsumption, IdempotencyRecord


@admin.register(DomainEvent)
class DomainEventAdmin(ScopedModelAdmin):
    """Facts, in the order in which they were written."""

    list_display = ("name", "occurred_at", "dispatched_at", "correlation_id")
    list_filter = ("name", "occurred_at")
    search_fields = ("=public_id", "=correlation_id")
    ordering = ("-id",)


@admin.register(EventConsumption)
class EventConsumptionAdmin(ScopedModelAdmin):
    """Which consumer did what with which fact; what failed for good can be tried again."""

    list_display = ("consumer", "event_id", "status", "attempts", "next_attempt_at", "last_error")
    list_filter = ("status", "consumer")
    ordering = ("-id",)
    actions = ("try_again",)

    @admin.action(description="Try again now", permissions=["users_write"])
    def try_again(self, request: HttpRequest, queryset: "QuerySet[EventConsumption]") -> None:
        """Make the chosen ones due; those that are done stay done."""
        self.message_user(request, f"Due now: {retry_now(queryset)}.")


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ScopedModelAdmin):
    """Stored answers, without their bodies: those belong to their callers."""

    list_display = ("caller", "key", "status_code", "created_at")
    search_fields = ("=caller", "=key")
    fields = ("caller", "key", "fingerprint", "status_code", "created_at")
    ordering = ("-id",)


@admin.register(ClockOffset)
class ClockOffsetAdmin(ScopedModelAdmin):
    """How far the platform's clock was moved; only the command moves it."""

    list_display = ("pk", "ahead_microseconds")
