"""What analytics holds of a person: a part of the export of personal data."""

from accounts.ports import PersonalSection
from analytics.models import Event
from ogc.personal import rows_of

SECTIONS = (
    PersonalSection(
        "events",
        rows_of(Event, "user", name="name", ts="ts", session_id="session_id", properties="properties"),
        ("analytics.Event.user",),
    ),
)
