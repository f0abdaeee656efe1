"""Choices, limits and tables of notifications."""

from django.db.models import TextChoices


class NotificationType(TextChoices):
    """What a notification is about; people choose their channels per type."""

    SYSTEM = "system", "System"
    SECURITY = "security", "Security"
    CHALLENGE = "challenge", "Challenge"
    SUBMISSION = "submission", "Submission"
    VOTING = "voting", "Voting"
    WALLET = "wallet", "Wallet"
    SUBSCRIPTION = "subscription", "Subscription"
    BADGE = "badge", "Badge"
    GOVERNANCE = "governance", "Governance"


class Channel(TextChoices):
    """Ways to reach a person."""

    IN_APP = "in_app", "In the app"
    EMAIL = "email", "E-mail"
    WEB_PUSH = "web_push", "Web push"
    MOBILE_PUSH = "mobile_push", "Mobile push"


class DeliveryStatus(TextChoices):
    """Life of a delivery: queued → sent → delivered, or failed (tried again) and at last dead."""

    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed, will be tried again"
    DEAD = "dead", "Given up"


# Work that the delivery job takes on; everything else has come to an end or is with the provider.
OPEN_STATUSES = (DeliveryStatus.QUEUED, DeliveryStatus.FAILED)

# Channels that a provider serves at present; the others are listed as not available.
SERVED_CHANNELS = frozenset({Channel.IN_APP, Channel.EMAIL})

# Types that also go out by mail unless the person says otherwise; in the app everything shows.
MAILED_BY_DEFAULT = frozenset(
    {
        NotificationType.SECURITY,
        NotificationType.SUBMISSION,
        NotificationType.WALLET,
        NotificationType.SUBSCRIPTION,
        NotificationType.GOVERNANCE,
    }
)

# Nobody can turn these off.
FORCED_TYPES = frozenset({NotificationType.SECURITY})

# Characters: a subject must fit one mail header line, a message one screen.
TITLE_MAX_LENGTH = 200
MESSAGE_MAX_LENGTH = 2000
TEMPLATE_SOURCE_MAX_LENGTH = 20_000
ERROR_MAX_LENGTH = 300

# One transaction tells this many; about six statements each.
STAFF_CHUNK_PEOPLE = 50

# A stream ticket is good for one connection within this time.
STREAM_TICKET_SECONDS = 30
# How much a client that comes back may catch up on.
STREAM_RESUME_MAX_COUNT = 100
# Proxies cut silent connections after a minute at the earliest.
STREAM_HEARTBEAT_SECONDS = 15
# Revocations must end a stream within 2 s, and the reader is a second late already.
STREAM_CHECK_SECONDS = 0.5
