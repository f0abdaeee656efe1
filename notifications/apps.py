"""Django configuration of the notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Registers what notifications brings to the platform."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the consumers of domain events and the sweep of deliveries."""
        from accounts.ports import register_personal_sections
        from notifications import (
            personal,
            receivers,  # noqa: F401
        )
        from notifications.jobs import delivery_deliver
        from notifications.selectors import deliveries_due
        from notifications.services.outbox import QUEUE, delivery_next_key
        from ogc.jobs import Sweep, register_sweep

        register_sweep(
            Sweep(
                name="notifications.deliveries",
                due=deliveries_due,
                job=delivery_deliver,
                queue=QUEUE,
                key=delivery_next_key,
                # The first retry is due after 5 s: the slow sweep would make that 25.
                lane=True,
            )
        )
        register_personal_sections(*personal.SECTIONS)
