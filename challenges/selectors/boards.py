"""Leaderboards and results: pages whose cost does not grow with the number of votes.

Before finalising the order of scores is the order of the counters that each vote keeps on its submission,
so a page is one index range. After it the ranks are stored, and a page is a range of ranks.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from challenges import rules
from challenges.constants import (
    LEADERBOARD_PAGE_SIZE,
    RANKED_STATUSES,
    JudgingMode,
    SubmissionStatus,
)
from challenges.errors import InvalidChallengeState
from challenges.models import Challenge, Result, Submission
from challenges.selectors.challenges import AFTER_DEADLINE, status_now

BOARD_ORDER = ("-vote_weight_bps", "submitted_at", "id")


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A place; score in millionths."""

    rank: int
    score: int
    submission_id: str
    name: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page: how many places there are in all, and this page's rows, best first."""

    count: int
    rows: list[BoardRow]
    page: int

    @property
    def has_next(self) -> bool:
        """Whether a page comes after this one."""
        return self.page * LEADERBOARD_PAGE_SIZE < self.count


def leaderboard(challenge: Challenge, page: int) -> BoardPage:
    """One page of a challenge's leaderboard, in at most two queries.

    Empty before the deadline. Judges' scores stay hidden until the results are final: until then a judged
    challenge has an empty board, and a hybrid one ranks by votes alone.
    """
    if challenge.status in RANKED_STATUSES:
        return _final(challenge, page)
    if status_now(challenge) not in AFTER_DEADLINE or challenge.judging_mode == JudgingMode.JUDGES:
        return BoardPage(0, [], page)
    return _live(challenge, page)


def _final(challenge: Challenge, page: int) -> BoardPage:
    first = (page - 1) * LEADERBOARD_PAGE_SIZE
    results = Result.objects.filter(challenge=challenge)
    count = results.aggregate(last=Max("rank"))["last"] or 0
    rows = results.filter(rank__gt=first, rank__lte=first + LEADERBOARD_PAGE_SIZE).order_by("rank")
    return BoardPage(
        count,
        [
            BoardRow(*row)
            for row in rows.values_list(
                "rank", "score", "submission__public_id", "user__name", "submission__submitted_at"
            )
        ],
        page,
    )


def _live(challenge: Challenge, page: int) -> BoardPage:
    approved = Submission.objects.filter(challenge=challenge, status=SubmissionStatus.APPROVED)
    totals = approved.aggregate(highest=Max("vote_weight_bps"), count=Count("entry_id", distinct=True))
    first = (page - 1) * LEADERBOARD_PAGE_SIZE
    values = ("public_id", "author__name", "submitted_at", "vote_weight_bps")
    rows = _best_of_each_entry(challenge, approved).order_by(*BOARD_ORDER).values_list(*values)
    return BoardPage(
        totals["count"],
        [
            BoardRow(rank, rules.votes_score(weight, totals["highest"]), public_id, name, submitted_at)
            for rank, (public_id, name, submitted_at, weight) in enumerate(
                rows[first : first + LEADERBOARD_PAGE_SIZE], first + 1
            )
        ],
        page,
    )


def _best_of_each_entry(challenge: Challenge, approved: QuerySet[Submission]) -> QuerySet[Submission]:
    """Each entry counts once, with its best submission; with one submission per entry that is all of them."""
    if challenge.max_submissions == 1:
        return approved
    place = Window(RowNumber(), partition_by=[F("entry_id")], order_by=[*BOARD_ORDER])
    return approved.annotate(place=place).filter(Q(place=1))


def results_of(challenge: Challenge) -> QuerySet[Result]:
    """The frozen ranks, best first, with submission and person.

    Raises:
        InvalidChallengeState: the challenge is not finalised.
    """
    if challenge.status not in RANKED_STATUSES:
        raise InvalidChallengeState(status=str(status_now(challenge)), action="results")
    return Result.objects.filter(challenge=challenge).select_related("submission", "user").order_by("rank")
