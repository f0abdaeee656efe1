"""What notifications holds of a person: parts of the export of personal data."""

from accounts.ports import PersonalSection
from notifications.models import Delivery, Notification, Preference
from ogc.personal import rows_of

SECTIONS = (
    PersonalSection(
        "notifications",
        rows_of(
            Notification, "user", id="public_id", created_at="created_at", type="type", title="title",
            message="message", data="data", read_at="read_at",
        ),
        ("notifications.Notification.user",),
    ),
    PersonalSection(
        "deliveries",
        rows_of(
            Delivery, "user", id="public_id", created_at="created_at", channel="channel", type="type",
            template="template__name", status="status", sent_at="sent_at", delivered_at="delivered_at",
        ),
        ("notifications.Delivery.user",),
    ),
    PersonalSection(
        "notification_preferences",
        rows_of(
            Preference, "user", channels="channels", quiet_start="quiet_start", quiet_end="quiet_end",
            digest_hour="digest_hour",
        ),
        ("notifications.Preference.user",),
    ),
)  # fmt: skip
