"""Tables of notifications."""

from notifications.models.delivery import Delivery
from notifications.models.notification import Notification
from notifications.models.preference import Preference
from notifications.models.template import Template

__all__ = ["Delivery", "Notification", "Preference", "Template"]
