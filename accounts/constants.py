"""Choices and limits of the accounts app."""

from django.db.models import TextChoices

NAME_MAX_LENGTH = 100
EMAIL_MAX_LENGTH = 254
IP_MAX_LENGTH = 39
SCOPE_MAX_LENGTH = 64
PASSWORD_MIN_LENGTH = 10
PASSWORD_MAX_LENGTH = 256
"""Longer input only costs time in the hasher."""
REASON_MAX_LENGTH = 500
TERMS_VERSION_MAX_LENGTH = 20
PLAN_SLUG_MAX_LENGTH = 32
PAYMENT_KEY_MAX_LENGTH = 140
"""Of what names the one cause of a payment or refund: a period of a subscription, say."""
TOKEN_MAX_LENGTH = 4096
"""Of an access token; what is longer is not looked at."""

ALL_KEYS = "all"
"""In place of a key id: every key but the new one."""
SIGNING_SLOT = 1
"""Of the one key that signs access tokens."""
SIGNING_KEY_MARGIN_SECONDS = 60
"""How much longer than its tokens a replaced key is accepted: other processes sign with it for up to 2 s, and
clocks differ."""

MAIL_TOKEN_TEXT_MAX_LENGTH = 200
VERIFICATION_SECONDS = 24 * 3600
RESET_SECONDS = 30 * 60
EMAIL_CHANGE_SECONDS = 24 * 3600
REFRESH_GRACE_SECONDS = 10
"""How long a client's double call gets the same successor (RFC 9700, section 4.14)."""
REFRESH_TOKEN_BYTES = 32
ENDED_SESSION_DAYS = 90
"""Retention of ended sessions (product.md, Accounts)."""
REVOCATION_KEEP_DAYS = 1
"""No access token lives longer than an hour."""
MAIL_TOKEN_KEEP_DAYS = 30
MAIL_REQUEST_KEEP_DAYS = 1
"""They are gone within a second, unless their consumer fails: that is long enough for its tries."""

STEP_UP_SECONDS = 10 * 60
"""How long a step-up of a session counts (api.md, Auth)."""
MFA_TOKEN_SECONDS = 5 * 60
MFA_TOKEN_MAX_TRIES = 5
RECOVERY_CODES_COUNT = 10
RECOVERY_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter looks like another or like a digit."""
RECOVERY_CODE_GROUPS = (3, 4)
"""Groups and characters in each: 60 random bits."""
MFA_CODE_MAX_LENGTH = 40
"""Of what is typed as a code, with room for blanks and dashes."""
CEREMONY_SECONDS = 5 * 60
"""Life of a WebAuthn challenge."""
PASSKEYS_MAX_COUNT = 20
PASSKEY_NAME_MAX_LENGTH = 60
PASSKEY_TRANSPORTS = ("internal", "hybrid", "usb", "nfc", "ble", "smart-card")
"""How browsers may reach an authenticator, as far as we repeat it to them."""
ADDRESS_NONCE_SECONDS = 5 * 60
CEREMONY_KEEP_DAYS = 1
"""Retention of half logins, challenges and nonces after their end."""
ADDRESS_MESSAGE_MAX_LENGTH = 4096
"""Characters of an EIP-4361 message; what wallets show to people is far shorter."""
ADDRESS_SIGNATURE_MAX_LENGTH = 2 + 2 * 4096
"""Characters of 0x hex: contract wallets take long ones (many owners, or a passkey's assertion)."""
CLOCK_SKEW_SECONDS = 60
"""How far the clock of a wallet that writes its own messages may be off."""
DEVICE_MAX_LENGTH = 80
NETWORK_MAX_LENGTH = 43
EXPORT_KEEP_DAYS = 7

ADMIN_SESSION_SECONDS = 12 * 3600
"""Longest life of a login into the admin site: a working day (NIST SP 800-63B, AAL2)."""
ADMIN_IDLE_SECONDS = 3600
"""An admin session that is not used for this long is over (NIST SP 800-63B, AAL2)."""
ADMIN_TOUCH_SECONDS = 60
"""How exactly the last use of an admin session is kept: one write a minute at most."""
ACTIVITY_KEEP_DAYS = 365
"""Of lines of the security timeline: a year answers "since when?", and no longer."""
FAMILIAR_DAYS = 90
"""For how long a device or network is remembered after a login; sessions are kept at least that long."""
FAMILIAR_SESSIONS_MAX = 200
"""How many of the newest sessions are looked at, so that a login costs the same however many there are."""
LOCKED_ALERT_SECONDS = 24 * 3600
"""An account that is guessed at all day is told of it once."""
DENIAL_UNDO_DAYS = 7
"""How long "this wasn't me" takes back what was added, and can be said by mail; later staff do it."""
BIO_MAX_LENGTH = 2000
LOCALE_MAX_LENGTH = 16
TIME_ZONE_MAX_LENGTH = 64
BIRTH_YEAR_MIN = 1900
CLOSED_NAME = "Closed account"

AVATAR_MAX_BYTES = 10 * 1024 * 1024
AVATAR_MAX_PIXELS = 32_000_000
"""Of the picture as it comes, told by its header: what is larger is not decoded (32 MP take 128 MB)."""
AVATAR_SIDE_PIXELS = 512
AVATAR_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
AVATAR_FOLDER = "avatars"
EXPORT_FOLDER = "exports"
ORPHAN_SECONDS = 3600
"""A stored file that no row names after this long was left by a process that died."""
EXPORT_AGAIN_SECONDS = 3600
"""A finished export younger than this is given again instead of a new one."""
EXPORT_ATTEMPTS_MAX = 5
PUBLIC_CHALLENGES_SHOWN = 100

LOCKOUT_WAIT_MAX_SECONDS = 3600
LOCKOUT_FORGET_SECONDS = 24 * 3600
"""A subject that did not fail for this long starts again with the shortest wait."""

CONFIRM_SESSIONS = 4
"""Wrong secrets in all sessions of a user together are as many as this many sessions may give: one session
locks itself long before.
"""

SERVICE_ROLE = "system"
SERVICE_SCOPES = ("tx.system", "webhook.send")
SERVICE_TOKEN_PREFIX = "ogcs_"
SERVICE_TOKEN_MAX_DAYS = 366
FREE_PLAN = "free"


class UserStatus(TextChoices):
    """What an account may do at all."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Track(TextChoices):
    """Who a challenge is for."""

    STUDENTS = "students"
    TEAMS = "teams"
    FREELANCERS = "freelancers"


class SubscriptionStatus(TextChoices):
    """Life of a subscription (product.md, Subscriptions)."""

    ACTIVE = "active"
    TRIALING = "trialing"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    EXPIRED = "expired"


LIVE_SUBSCRIPTIONS = (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE)


class BillingCycle(TextChoices):
    """How long one payment lasts."""

    MONTHLY = "monthly"
    YEARLY = "yearly"


class PaymentMethod(TextChoices):
    """What a subscription is paid with."""

    CARD = "card"
    TOKEN = "token"


class PaymentStatus(TextChoices):
    """Life of one payment."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class TokenTransport(TextChoices):
    """Where a client keeps its refresh token."""

    COOKIE = "cookie"
    BODY = "body"
    ADMIN = "admin"
    """The admin site's own cookie; such a session has no refresh token."""


class LoginMethod(TextChoices):
    """How a session was opened."""

    PASSWORD = "password"
    PASSKEY = "passkey"
    WALLET = "wallet"


class Factor(TextChoices):
    """What proves a person besides the password."""

    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"
    PASSWORD = "password"
    """For step-ups of those who have no other factor."""


class SessionEnd(TextChoices):
    """Why a session is over."""

    LOGOUT = "logout"
    LOGOUT_ALL = "logout_all"
    STAFF = "staff"
    SUSPENDED = "suspended"
    REUSE = "refresh_reuse"
    REVOKED = "revoked"
    PASSWORD = "password"
    EMAIL = "email"
    DENIED = "denied"
    CLOSED = "closed"


class RevocationKind(TextChoices):
    """What a revocation row is about."""

    SESSION = "session"
    USER = "user"
    CLAIMS = "claims"
    REINSTATED = "reinstated"


class MailPurpose(TextChoices):
    """What a mail token may be used for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"
    CHANGE_EMAIL = "change_email"
    DENY_ACTIVITY = "deny_activity"


class MailRequestPurpose(TextChoices):
    """What is told to an address once it was looked up."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"
    LOCKED = "locked"


class CeremonyPurpose(TextChoices):
    """What a WebAuthn challenge may be answered for."""

    REGISTER = "register"
    LOGIN = "login"
    MFA = "mfa"
    STEP_UP = "step_up"


class NoncePurpose(TextChoices):
    """What an EIP-4361 nonce proves an address for."""

    LOGIN = "login"
    LINK = "link"


class ActivityKind(TextChoices):
    """Lines of the security timeline."""

    LOGIN = "login"
    NEW_DEVICE = "new_device"
    LOCKED = "locked"
    REFRESH_REUSED = "refresh_reused"
    SESSION_ENDED = "session_ended"
    SESSIONS_ENDED = "sessions_ended"
    STEP_UP = "step_up"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    TOTP_ADDED = "totp_added"
    TOTP_REMOVED = "totp_removed"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_CLONED = "passkey_cloned"
    FACTORS_CLEARED = "factors_cleared"
    ADDRESS_LINKED = "address_linked"
    ADDRESS_UNLINKED = "address_unlinked"
    DENIED = "denied"


class ExportStatus(TextChoices):
    """Life of an export of personal data."""

    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"
