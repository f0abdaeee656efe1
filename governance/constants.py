"""Choices and limits of governance."""

from django.db.models import TextChoices

APPROVAL_LIFE_HOURS = 72
"""An approval that nobody gave by then is void (product.md, Two people)."""

SEAL_BATCH_ROWS = 500
"""Records that one sealing transaction chains; keeps it well below 200 ms."""

SEAL_LOOK_BACK_RECORDS = 10_000
"""How far before the newest sealed record the sealer still looks for records that committed late."""

UNSEALED_ALARM_SECONDS = 60
"""A record that stays unsealed for longer is an alarm (product.md, Audit)."""

INLINE_VERIFY_RECORDS = 5_000
"""Newest seals that `GET /admin/audit/verify` checks in the request; the command checks all."""

GENESIS_HASH = "0" * 64
"""What the first seal names as its predecessor."""

HASH_LENGTH = 64
"""SHA-256 in hexadecimal."""

ACTION_LENGTH = 64
REASON_LENGTH = 500
TEXT_LENGTH = 4_000
TARGET_TYPE_LENGTH = 40
TARGET_ID_LENGTH = 64
NAME_LENGTH = 64

FLAG_LIST_LENGTH = 1_000
"""Users, roles or plans that one flag may name."""


class Severity(TextChoices):
    """How much an audit record matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Level(TextChoices):
    """Levels of a decision, in the order in which they are asked."""

    ACCOUNT = "account"
    GLOBAL = "global"
    PLATFORM = "platform"
    MODULE = "module"
    ACTION = "action"
    PLAN = "plan"
    FLAG = "flag"


class Effect(TextChoices):
    """What a policy rule says when it matches."""

    DENY = "deny"
    READ_ONLY = "read_only"
    REQUIRE_ESCALATION = "require_escalation"


class ApprovalStatus(TextChoices):
    """`expired` is also what a pending one past its time counts as."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class ReportReason(TextChoices):
    """Why something is reported."""

    SPAM = "spam"
    ABUSE = "abuse"
    PLAGIARISM = "plagiarism"
    FRAUD = "fraud"
    OFF_TOPIC = "off_topic"
    OTHER = "other"


class IncidentStatus(TextChoices):
    """An incident is queued, taken by somebody, decided."""

    OPEN = "open"
    ASSIGNED = "assigned"
    DECIDED = "decided"


class IncidentSeverity(TextChoices):
    """The queue is sorted by it; severe ones go to super admins."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    SEVERE = "severe"


SEVERITY_ORDER = tuple(IncidentSeverity)
"""From the least to the most."""


class IncidentAction(TextChoices):
    """What was decided."""

    NO_ACTION = "no_action"
    WARNING = "warning"
    CONTENT_REMOVAL = "content_removal"
    SUSPENSION = "suspension"
    BAN = "ban"


class AppealStatus(TextChoices):
    """An appeal is decided once, by somebody else."""

    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"


class ProposalStatus(TextChoices):
    """`validate` opens the vote, `reject` closes the proposal; the count ends it."""

    PROPOSED = "proposed"
    REJECTED = "rejected"
    VOTING = "voting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class ProposalCategory(TextChoices):
    """What a proposal is about."""

    FEATURE = "feature"
    REWARDS = "rewards"
    RULES = "rules"
    OTHER = "other"


class ProposalChoice(TextChoices):
    """What a vote says."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"
