"""Limits, reserved names and standard metrics of analytics."""

from datetime import timedelta

from django.db.models import TextChoices

# One call: events, bytes.
INGEST_MAX_EVENTS = 500
INGEST_MAX_BYTES = 1024 * 1024

NAME_MAX_LENGTH = 80
EVENT_ID_MAX_LENGTH = 64
SESSION_ID_MAX_LENGTH = 64
# One event's properties: names on all levels, levels, characters of a text value and of a name.
PROPERTIES_MAX_COUNT = 50
PROPERTIES_MAX_DEPTH = 3
PROPERTY_TEXT_MAX_LENGTH = 1000
PROPERTY_NAME_MAX_LENGTH = 64

# How far a client's clock may be off, and how late a batch may come in.
EVENT_MAX_AGE = timedelta(days=7)
EVENT_MAX_AHEAD = timedelta(minutes=10)

# Names of our own domain events begin with these; no client may send such names.
RESERVED_PREFIXES = frozenset(
    {"ogc", "accounts", "governance", "wallets", "challenges", "notifications", "analytics"}
)

# Rows of a day that count over all names: all events, and those in which the person did something.
ALL_EVENTS = "*"
ACTIVE_EVENTS = "*active"

# Events that happen to their user: nobody is active for having been paid, approved or suspended.
PASSIVE_EVENTS = frozenset(
    {
        "accounts.refresh_reused",
        "accounts.user_reinstated",
        "accounts.user_suspended",
        "challenges.badge_awarded",
        "challenges.points_awarded",
        "challenges.submission_approved",
        "challenges.submission_rejected",
        "wallets.reward_paid",
        "wallets.withdrawal_failed",
        "wallets.withdrawal_settled",
    }
)

# Payload keys of domain events that name the person of the event, best first.
USER_KEYS = ("user_id", "voter_id", "sender_id")


class MetricRange(TextChoices):
    """How far back a metric looks, today included."""

    WEEK = "7d", "7 days"
    MONTH = "30d", "30 days"
    QUARTER = "90d", "90 days"


class Interval(TextChoices):
    """Width of one point."""

    DAY = "day", "Day"
    WEEK = "week", "Week (from Monday)"
    MONTH = "month", "Month"


class Metric(TextChoices):
    """Standard metrics that come from daily counts."""

    ACTIVE_USERS = "active_users", "Active users"
    NEW_USERS = "new_users", "New users"
    ENTRIES = "entries", "Entries"
    SUBMISSIONS = "submissions", "Submissions"
    VOTES = "votes", "Votes"
    LOGINS = "logins", "Logins"


# Metric → name of the event whose count it is; active users are the people of ACTIVE_EVENTS.
METRIC_EVENTS = {
    Metric.NEW_USERS: "accounts.user_registered",
    Metric.ENTRIES: "challenges.challenge_entered",
    Metric.SUBMISSIONS: "challenges.submission_created",
    Metric.VOTES: "challenges.vote_cast",
    Metric.LOGINS: "accounts.logged_in",
}
