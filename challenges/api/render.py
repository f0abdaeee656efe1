"""From rows to JSON values, without serializer objects."""

from typing import Any

from challenges import rules
from challenges.constants import (
    BPS,
    MICRO,
    MILLI,
    TRANSITIONS,
    ChallengeAction,
    ChallengeStatus,
    SplitMode,
)
from challenges.models import Challenge, ChallengeMove, ContributionEvent, Entry, Result, Score, Submission
from challenges.selectors.boards import BoardRow
from challenges.selectors.standing import BadgeStanding, ContributionStats
from challenges.services.results import Outcome, RankedEntry
from ogc import clock
from ogc.amounts import format_amount

Json = dict[str, Any]


def decimal_text(value: int, whole: int) -> str:
    """Decimal string of an integer that counts parts of `whole`, a power of ten: (15000, 10000) → "1.5"."""
    units, rest = divmod(abs(value), whole)
    digits = len(str(whole)) - 1
    text = f"{units}.{rest:0{digits}d}".rstrip("0").rstrip(".") if rest else str(units)
    return f"-{text}" if value < 0 else text


def _split(split: Json) -> Json:
    if split["mode"] == SplitMode.FIXED:
        return {"mode": split["mode"], "amounts": [format_amount(amount) for amount in split["amounts"]]}
    return dict(split)


def challenge_card(row: Json) -> Json:
    """A challenge in a list, from a row of `selectors.challenges_listed`."""
    status = rules.effective_status(
        row["status"],
        starts_at=row["starts_at"],
        submission_deadline=row["submission_deadline"],
        now=clock.now(),
    )
    return {
        "id": row["public_id"],
        "slug": row["slug"],
        "title": row["title"],
        "summary": row["summary"],
        "cover_image": row["cover_image"],
        "category": row["category__slug"],
        "track": row["track"],
        "status": str(status),
        "prize_pool": format_amount(row["prize_pool"]),
        "prize_split": _split(row["prize_split"]),
        "judging_mode": row["judging_mode"],
        "premium": row["premium"],
        "minimum_plan": row["minimum_plan"],
        "entry_count": row["entry_count"],
        "submission_count": row["submission_count"],
        "starts_at": row["starts_at"],
        "submission_deadline": row["submission_deadline"],
        "voting_starts_at": row["voting_starts_at"],
        "voting_ends_at": row["voting_ends_at"],
        "created_at": row["created_at"],
    }


def challenge_body(challenge: Challenge) -> Json:
    """A challenge."""
    row = {**challenge.__dict__, "category__slug": challenge.category.slug}
    return challenge_card(row) | {
        "description": challenge.description,
        "rules": challenge.rules,
        "criteria": challenge.criteria,
        "hybrid_weight": challenge.hybrid_weight,
        "visibility": challenge.visibility,
        "max_submissions": challenge.max_submissions,
        "allowed_content_types": challenge.allowed_content_types,
        "version": challenge.version,
        "published_at": challenge.published_at,
        "finalized_at": challenge.finalized_at,
        "distributed_at": challenge.distributed_at,
    }


def timeline_body(challenge: Challenge, moves: list[ChallengeMove]) -> Json:
    """The moves made, then those that the clock will make."""
    made = [
        {"action": row.action, "from_status": row.from_status, "to_status": row.to_status, "at": row.at}
        for row in moves
    ]
    rows = [row | {"done": True} for row in made]
    ahead = {
        ChallengeStatus.PUBLISHED: [ChallengeAction.OPEN, ChallengeAction.CLOSE],
        ChallengeStatus.OPEN: [ChallengeAction.CLOSE],
    }
    at = {
        ChallengeAction.OPEN: challenge.starts_at,
        ChallengeAction.CLOSE: challenge.submission_deadline,
    }
    for action in ahead.get(ChallengeStatus(challenge.status), []):
        target = TRANSITIONS[action].target
        rows.append(
            {
                "action": str(action),
                "from_status": None,
                "to_status": str(target),
                "at": at[action],
                "done": False,
            }
        )
    return {"results": rows}


def entry_body(entry: Entry) -> Json:
    """An entry."""
    return {
        "id": entry.public_id,
        "challenge": entry.challenge.public_id,
        "status": str(entry.status),
        "entered_at": entry.entered_at,
    }


def submission_body(row: Submission, *, for_reviewer: bool = False) -> Json:
    """A submission, with what only reviewers see when asked for."""
    review = None
    if row.reviewed_at is not None:
        review = {"reason": row.review_reason, "reviewed_at": row.reviewed_at}
    body: Json = {
        "id": row.public_id,
        "challenge": row.challenge.public_id,
        "author": {"id": row.author.public_id, "name": row.author.name},
        "status": str(row.status),
        "version": row.version,
        "content_type": str(row.content_type),
        "text": row.text,
        "url": row.url,
        "votes": row.vote_count,
        "submitted_at": row.submitted_at,
        "created_at": row.created_at,
        "review": review,
    }
    if for_reviewer:
        body["duplicate"] = row.duplicate
    return body


def submission_for_reviewer(row: Submission) -> Json:
    """A submission in the review queue."""
    return submission_body(row, for_reviewer=True)


def vote_body(weight_bps: int) -> Json:
    """The weight of a vote."""
    return {"weight": decimal_text(weight_bps, BPS)}


def score_body(score: Score) -> Json:
    """A judge's own scores."""
    return {
        "submission": score.submission.public_id,
        "scores": score.scores,
        "total": decimal_text(score.total, MICRO),
        "comment": score.comment,
        "updated_at": score.updated_at,
    }


def board_row(row: BoardRow) -> Json:
    """A place on the leaderboard."""
    return {
        "rank": row.rank,
        "score": decimal_text(row.score, MICRO),
        "submission_id": row.submission_id,
        "name": row.name,
        "submitted_at": row.submitted_at,
    }


def result_row(row: Result) -> Json:
    """A final place."""
    return {
        "rank": row.rank,
        "score": decimal_text(row.score, MICRO),
        "submission_id": row.submission.public_id,
        "name": row.user.name,
        "submitted_at": row.submission.submitted_at,
        "votes_score": decimal_text(row.votes_score, MICRO),
        "judges_score": decimal_text(row.judges_score, MICRO),
        "prize": format_amount(row.prize),
    }


def _ranked_entry(row: RankedEntry) -> Json:
    return {
        "rank": row.standing.rank,
        "score": decimal_text(row.standing.score, MICRO),
        "submission_id": row.submission.public_id,
        "name": row.submission.author.name,
        "submitted_at": row.submission.submitted_at,
        "votes_score": decimal_text(row.standing.votes_score, MICRO),
        "judges_score": decimal_text(row.standing.judges_score, MICRO),
        "prize": format_amount(row.prize),
    }


def outcome_body(outcome: Outcome, *, preview: bool, limit: int = 100) -> Json:
    """What finalising gives; the first `limit` places, all of them are at `/results`."""
    return {
        "preview": preview,
        "status": str(outcome.challenge.status),
        "results": [_ranked_entry(row) for row in outcome.rows[:limit]],
        "unassigned": format_amount(outcome.unassigned),
    }


def badge_body(badge: Any) -> Json:
    """A badge."""
    return {
        "id": badge.public_id,
        "slug": badge.slug,
        "name": badge.name,
        "description": badge.description,
        "tier": badge.tier,
        "category": badge.category,
        "icon": badge.icon,
        "criteria": badge.criteria,
    }


def my_badge(row: BadgeStanding) -> Json:
    """A badge with the caller's standing."""
    return {"badge": badge_body(row.badge), "awarded_at": row.awarded_at, "progress": row.progress}


def contribution_body(row: ContributionEvent) -> Json:
    """One award of points."""
    return {
        "id": row.public_id,
        "action": str(row.action),
        "points": decimal_text(row.points_milli, MILLI),
        "multiplier": decimal_text(row.multiplier_bps, BPS),
        "reason": row.reason,
        "created_at": row.created_at,
    }


def stats_body(stats: ContributionStats) -> Json:
    """The caller's standing."""
    needed = stats.next_rank_at_milli
    return {
        "total_points": decimal_text(stats.total_milli, MILLI),
        "rank": stats.rank,
        "next_rank": stats.next_rank,
        "next_rank_at": None if needed is None else decimal_text(needed, MILLI),
        "multiplier": decimal_text(stats.multiplier_bps, BPS),
        "streak": stats.streak,
        "badges": stats.badges,
    }
