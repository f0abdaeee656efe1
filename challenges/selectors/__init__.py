"""Reads of the challenges app."""

from challenges.selectors.boards import BoardPage, BoardRow, leaderboard, results_of
from challenges.selectors.challenges import (
    AFTER_DEADLINE,
    actor_pk,
    categories,
    category_get,
    challenge_visible,
    challenges_due,
    challenges_listed,
    is_judge,
    judge_candidate,
    next_move_at,
    status_now,
    timeline,
)
from challenges.selectors.standing import (
    badge_progress,
    badges_listed,
    badges_of,
    contribution_stats,
    contributions_of,
)
from challenges.selectors.submissions import (
    content_is_known,
    is_own_work,
    submission_visible,
    submissions_mine,
    submissions_of_challenge,
    submissions_pending,
    submissions_to_judge,
)

__all__ = [
    "AFTER_DEADLINE",
    "BoardPage",
    "BoardRow",
    "actor_pk",
    "badge_progress",
    "badges_listed",
    "badges_of",
    "categories",
    "category_get",
    "challenge_visible",
    "challenges_due",
    "challenges_listed",
    "content_is_known",
    "contribution_stats",
    "contributions_of",
    "is_judge",
    "is_own_work",
    "judge_candidate",
    "leaderboard",
    "next_move_at",
    "results_of",
    "status_now",
    "submission_visible",
    "submissions_mine",
    "submissions_of_challenge",
    "submissions_pending",
    "submissions_to_judge",
    "timeline",
]
