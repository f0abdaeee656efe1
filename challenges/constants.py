"""Words, limits and tables of the challenges app: what exists and what may follow what."""

from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices

BPS: Final = 10_000  # basis points in one whole
MILLI: Final = 1_000  # thousandths of a point in one point
MICRO: Final = 1_000_000  # millionths of a score in one score point
MAX_SCORE_MICRO: Final = 100 * MICRO

TITLE_MAX: Final = 120
SUMMARY_MAX: Final = 300
TEXT_MAX: Final = 20_000  # description and rules: what a person reads on one page
SUBMISSION_TEXT_MAX: Final = 50_000
URL_MAX: Final = 500
REASON_MAX: Final = 500
SLUG_MAX: Final = 140
CRITERIA_MAX: Final = 20
PRIZE_RANKS_MAX: Final = 1_000  # ranks one challenge can pay
SUBMISSIONS_PER_ENTRY_MAX: Final = 20
LEADERBOARD_PAGE_SIZE: Final = 20
LEADERBOARD_PAGE_MAX: Final = 1_000
BLOCKERS_LISTED_MAX: Final = 100  # of what keeps results open, in one answer
INLINE_AWARDS_MAX: Final = 10  # more winners than this are paid by the job, batch by batch
AWARD_BATCH: Final = 50  # awards one job run pays before it hands over
AWARD_ATTEMPTS_MAX: Final = 8  # then the award waits as `failed` for a person
AWARD_LEASE_SECONDS: Final = 30


class ChallengeStatus(TextChoices):
    """Where a challenge is in its life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    OPEN = "open"
    REVIEWING = "reviewing"
    FINALIZED = "finalized"
    REWARDS_DISTRIBUTED = "rewards_distributed"
    BADGES_ASSIGNED = "badges_assigned"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class ChallengeAction(TextChoices):
    """What moves a challenge from one status to the next."""

    PUBLISH = "publish"
    OPEN = "open"
    CLOSE = "close"
    FINALIZE = "finalize"
    REOPEN = "reopen"
    DISTRIBUTE = "distribute"
    ASSIGN_BADGES = "assign_badges"
    ARCHIVE = "archive"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the challenge state machine.

    Attributes:
        stamp: name of the model field that takes the instant of the move, or "".
        signal: name of the fact in `challenges.signals` that the move announces, or "".
        confirm: whether the caller must confirm (`"confirm": true` in the API).
    """

    action: ChallengeAction
    sources: frozenset[ChallengeStatus]
    target: ChallengeStatus
    scope: str = "challenge.write"
    stamp: str = ""
    signal: str = ""
    confirm: bool = False


def _from(*sources: ChallengeStatus) -> frozenset[ChallengeStatus]:
    return frozenset(sources)


_S, _A = ChallengeStatus, ChallengeAction

# The whole state machine. `services.lifecycle.challenge_move` is the only code that walks it.
TRANSITIONS: Final[dict[ChallengeAction, Transition]] = {
    row.action: row
    for row in (
        Transition(
            _A.PUBLISH, _from(_S.DRAFT), _S.PUBLISHED, stamp="published_at", signal="challenge_published"
        ),
        Transition(_A.OPEN, _from(_S.PUBLISHED), _S.OPEN, stamp="opened_at", signal="challenge_opened"),
        Transition(_A.CLOSE, _from(_S.OPEN), _S.REVIEWING, stamp="closed_at", signal="challenge_closed"),
        Transition(
            _A.FINALIZE,
            _from(_S.REVIEWING),
            _S.FINALIZED,
            stamp="finalized_at",
            signal="challenge_finalized",
            confirm=True,
        ),
        Transition(_A.REOPEN, _from(_S.FINALIZED), _S.REVIEWING),
        Transition(
            _A.DISTRIBUTE,
            _from(_S.FINALIZED),
            _S.REWARDS_DISTRIBUTED,
            stamp="distributed_at",
            signal="rewards_distributed",
            confirm=True,
        ),
        Transition(_A.ASSIGN_BADGES, _from(_S.REWARDS_DISTRIBUTED), _S.BADGES_ASSIGNED),
        Transition(_A.ARCHIVE, _from(_S.BADGES_ASSIGNED), _S.ARCHIVED, stamp="archived_at"),
        Transition(
            _A.CANCEL,
            _from(_S.DRAFT, _S.PUBLISHED, _S.OPEN, _S.REVIEWING),
            _S.CANCELLED,
            stamp="cancelled_at",
            signal="challenge_cancelled",
            confirm=True,
        ),
    )
}

PUBLIC_STATUSES: Final = frozenset(ChallengeStatus) - {_S.DRAFT}
RANKED_STATUSES: Final = frozenset({_S.FINALIZED, _S.REWARDS_DISTRIBUTED, _S.BADGES_ASSIGNED, _S.ARCHIVED})
REWARDED_STATUSES: Final = RANKED_STATUSES - {_S.FINALIZED}


class Track(TextChoices):
    """Whom a challenge is for."""

    STUDENTS = "students"
    TEAMS = "teams"
    FREELANCERS = "freelancers"


class JudgingMode(TextChoices):
    """Where scores come from."""

    VOTES = "votes"
    JUDGES = "judges"
    HYBRID = "hybrid"


class Visibility(TextChoices):
    """Who can find a challenge."""

    PUBLIC = "public"
    PRIVATE = "private"


class SplitMode(TextChoices):
    """How the prize pool is shared."""

    FIXED = "fixed"
    PROPORTIONAL = "proportional"


class ContentType(TextChoices):
    """What a submission may consist of."""

    TEXT = "text"
    LINK = "link"
    IMAGE = "image"
    PDF = "pdf"
    ZIP = "zip"
    MP4 = "mp4"
    VIDEO = "video"


class EntryStatus(TextChoices):
    """Whether an entry still takes part."""

    ACTIVE = "active"
    LEFT = "left"


class SubmissionStatus(TextChoices):
    """Where a submission is in its review."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


# Which statuses a submission may be moved to by each action; anything else is refused.
SUBMISSION_MOVES: Final[dict[str, tuple[frozenset[SubmissionStatus], SubmissionStatus]]] = {
    "approve": (frozenset({SubmissionStatus.PENDING}), SubmissionStatus.APPROVED),
    "reject": (frozenset({SubmissionStatus.PENDING}), SubmissionStatus.REJECTED),
    "revise": (
        frozenset({SubmissionStatus.PENDING, SubmissionStatus.APPROVED, SubmissionStatus.REJECTED}),
        SubmissionStatus.PENDING,
    ),
    "withdraw": (
        frozenset({SubmissionStatus.PENDING, SubmissionStatus.APPROVED}),
        SubmissionStatus.WITHDRAWN,
    ),
}


class AwardStatus(TextChoices):
    """Where the payment of one prize is."""

    QUEUED = "queued"
    PAID = "paid"
    HELD = "held"
    RETURNED = "returned"
    FAILED = "failed"


class TeamMemberStatus(TextChoices):
    """Whether a person belongs to a team yet."""

    INVITED = "invited"
    ACTIVE = "active"
    LEFT = "left"


class BadgeTier(TextChoices):
    """How rare a badge is."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    DIAMOND = "diamond"


class BadgeRule(TextChoices):
    """What an automatic badge counts; `manual` ones are given by people."""

    POINTS = "points"
    CHALLENGE_WON = "challenge_won"
    SUBMISSIONS_APPROVED = "submissions_approved"
    VOTES_CAST = "votes_cast"
    LOGIN_STREAK = "login_streak"
    MANUAL = "manual"


class PointAction(TextChoices):
    """What earns contribution points."""

    VERIFIED = "verified"
    PROFILE_COMPLETED = "profile_completed"
    ENTERED = "challenge_entered"
    APPROVED = "submission_approved"
    VOTE_CAST = "vote_cast"
    VOTE_RECEIVED = "vote_received"
    RANKED_FIRST = "ranked_1"
    RANKED_SECOND = "ranked_2"
    RANKED_THIRD = "ranked_3"
    GRANTED = "granted"


POINTS: Final[dict[PointAction, int]] = {
    PointAction.VERIFIED: 10,
    PointAction.PROFILE_COMPLETED: 10,
    PointAction.ENTERED: 15,
    PointAction.APPROVED: 25,
    PointAction.VOTE_CAST: 1,
    PointAction.VOTE_RECEIVED: 1,
    PointAction.RANKED_FIRST: 50,
    PointAction.RANKED_SECOND: 30,
    PointAction.RANKED_THIRD: 20,
}
DAILY_LIMITS: Final[dict[PointAction, int]] = {PointAction.VOTE_CAST: 20, PointAction.VOTE_RECEIVED: 50}
RANK_ACTIONS: Final[dict[int, PointAction]] = {
    1: PointAction.RANKED_FIRST,
    2: PointAction.RANKED_SECOND,
    3: PointAction.RANKED_THIRD,
}
RANKS_BY_TOTAL: Final[tuple[tuple[str, int], ...]] = (
    ("bronze", 100),
    ("silver", 1_000),
    ("gold", 5_000),
    ("diamond", 10_000),
)

STAFF_ROLES: Final = frozenset({"moderator", "admin", "finance", "super_admin"})

CATEGORIES: Final[tuple[tuple[str, str], ...]] = (
    ("ai-for-good", "AI for Good"),
    ("green-sustainable-technology", "Green & Sustainable Technology"),
    ("blockchain-for-equity", "Blockchain for Equity"),
    ("inclusive-digital-solutions", "Inclusive Digital Solutions"),
    ("civic-innovation", "Civic Innovation"),
)
