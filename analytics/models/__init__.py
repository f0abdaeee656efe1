"""Tables of analytics."""

from analytics.models.daily_count import DailyCount
from analytics.models.event import Event

__all__ = ["DailyCount", "Event"]
