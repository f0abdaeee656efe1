"""Pure decisions and arithmetic of challenges: what may happen when, scores, ranks, prize shares, points.

Integers only: prizes in base units, scores in millionths, points in thousandths, weights in basis points or
percent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from challenges.constants import (
    BPS,
    CRITERIA_MAX,
    MAX_SCORE_MICRO,
    MICRO,
    MILLI,
    PRIZE_RANKS_MAX,
    RANKS_BY_TOTAL,
    SUBMISSION_MOVES,
    TRANSITIONS,
    ChallengeAction,
    ChallengeStatus,
    ContentType,
    JudgingMode,
    SplitMode,
    SubmissionStatus,
    Transition,
)
from challenges.errors import DeadlineInvalid, InvalidChallengeState, InvalidSubmissionState


def transition_for(action: str, status: str) -> Transition:
    """The row of the state machine that `action` walks from `status`.

    Raises:
        InvalidChallengeState: no such row.
    """
    row = TRANSITIONS[ChallengeAction(action)]
    if status not in row.sources:
        raise InvalidChallengeState(status=str(status), action=str(action), allowed_from=sorted(row.sources))
    return row


def submission_target(action: str, status: str) -> SubmissionStatus:
    """The status that `action` gives a submission.

    Raises:
        InvalidSubmissionState: the submission's status does not allow it.
    """
    sources, target = SUBMISSION_MOVES[action]
    if status not in sources:
        raise InvalidSubmissionState(status=str(status), action=action)
    return target


def due_actions(
    status: str, *, starts_at: datetime, submission_deadline: datetime, now: datetime
) -> tuple[ChallengeAction, ...]:
    """The moves that the clock has made due, in order, whether or not a job has walked them yet."""
    due: list[ChallengeAction] = []
    if status == ChallengeStatus.PUBLISHED and starts_at <= now:
        due.append(ChallengeAction.OPEN)
    if (due or status == ChallengeStatus.OPEN) and submission_deadline <= now:
        due.append(ChallengeAction.CLOSE)
    return tuple(due)


def effective_status(
    status: str, *, starts_at: datetime, submission_deadline: datetime, now: datetime
) -> ChallengeStatus:
    """The status that holds now, also when the job that should have moved the challenge is late."""
    due = due_actions(status, starts_at=starts_at, submission_deadline=submission_deadline, now=now)
    return TRANSITIONS[due[-1]].target if due else ChallengeStatus(status)


def times_check(
    *,
    starts_at: datetime,
    submission_deadline: datetime,
    voting_starts_at: datetime,
    voting_ends_at: datetime,
    now: datetime,
) -> None:
    """Refuse times that contradict each other, or a deadline that is over.

    Raises:
        DeadlineInvalid: naming the field that is wrong.
    """
    problems = {
        "submission_deadline": submission_deadline <= max(starts_at, now),
        "voting_starts_at": voting_starts_at < submission_deadline,
        "voting_ends_at": voting_ends_at <= voting_starts_at,
    }
    wrong = [name for name, bad in problems.items() if bad]
    if wrong:
        raise DeadlineInvalid(fields=wrong)


def criteria_problem(criteria: Sequence[Mapping[str, Any]], judging_mode: str) -> tuple[str, str] | None:
    """Code and message of what is wrong with the criteria, or None.

    Each is `{name, weight}`; names are unique, weights are positive and sum to 100; only votes mode does
    without.
    """
    if not criteria:
        missing = judging_mode != JudgingMode.VOTES
        return ("required", "Judged challenges need criteria.") if missing else None
    if len(criteria) > CRITERIA_MAX:
        return ("too_many", f"At most {CRITERIA_MAX} criteria.")
    if len({row["name"].casefold() for row in criteria}) != len(criteria):
        return ("duplicate", "Each criterion needs a name of its own.")
    if sum(row["weight"] for row in criteria) != 100:
        return ("sum", "The weights of the criteria must sum to 100.")
    return None


@dataclass(frozen=True, slots=True)
class PrizeSplit:
    """How a pool is shared: `amounts` in base units for ranks 1, 2, … (fixed).

    Or the `top` ranks (proportional).
    """

    mode: SplitMode
    amounts: tuple[int, ...] = ()
    top: int = 0

    def to_json(self) -> dict[str, Any]:
        """What the database keeps."""
        if self.mode == SplitMode.FIXED:
            return {"mode": str(self.mode), "amounts": list(self.amounts)}
        return {"mode": str(self.mode), "top": self.top}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "PrizeSplit":
        """The inverse of `to_json`."""
        return cls(SplitMode(data["mode"]), tuple(data.get("amounts", ())), data.get("top", 0))


def split_problem(split: PrizeSplit, prize_pool: int) -> tuple[str, str] | None:
    """Code and message of what is wrong with the split, or None."""
    ranks = len(split.amounts) if split.mode == SplitMode.FIXED else split.top
    if not 1 <= ranks <= PRIZE_RANKS_MAX:
        return ("ranks", f"Between 1 and {PRIZE_RANKS_MAX} ranks can be paid.")
    if any(amount <= 0 for amount in split.amounts):
        return ("amount", "Each amount must be positive.")
    if sum(split.amounts) > prize_pool:
        return ("more_than_pool", "The split promises more than the prize pool.")
    return None


def prizes(split: PrizeSplit, prize_pool: int, scores: Sequence[int]) -> list[int]:
    """Base units for each of `scores`, which are in rank order (best first).

    Proportional shares are floored, and what is left goes one unit each to the largest remainders (the
    better rank on a tie), so that their sum is exactly the pool. A total score of 0 pays nothing. Never
    more than the pool.
    """
    shares = [0] * len(scores)
    if sum(scores) <= 0:
        return shares
    if split.mode == SplitMode.FIXED:
        for index, amount in enumerate(split.amounts[: len(scores)]):
            shares[index] = amount
        return shares
    top = scores[: split.top]
    total = sum(top)
    remainders: list[tuple[int, int]] = []
    for index, score in enumerate(top):
        shares[index], rest = divmod(prize_pool * score, total)
        remainders.append((-rest, index))
    for _, index in sorted(remainders)[: prize_pool - sum(shares)]:
        shares[index] += 1
    return shares


def div_half_even(numerator: int, denominator: int) -> int:
    """Integer division of non-negative numbers, halves to the even neighbour."""
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1))


def votes_score(weight: int, highest: int) -> int:
    """Millionths: 100 × votes / highest of the challenge, 0 when nobody has votes."""
    return div_half_even(MAX_SCORE_MICRO * weight, highest) if highest > 0 else 0


def judge_total(criteria: Iterable[Mapping[str, Any]], scores: Mapping[str, int]) -> int:
    """Millionths that one judge gives: Σ(weight × score) / 100, exact."""
    points: int = sum(row["weight"] * scores[row["name"]] for row in criteria)
    return points * (MICRO // 100)


def judges_score(totals: Sequence[int]) -> int:
    """Millionths: the mean over judges of their totals, 0 without judges."""
    return div_half_even(sum(totals), len(totals)) if totals else 0


def final_score(mode: str, hybrid_weight: int, *, judges: int, votes: int) -> int:
    """Millionths that count, by judging mode; `hybrid_weight` is the judges' share in percent."""
    if mode == JudgingMode.VOTES:
        return votes
    if mode == JudgingMode.JUDGES:
        return judges
    return div_half_even(hybrid_weight * judges + (100 - hybrid_weight) * votes, 100)


@dataclass(frozen=True, slots=True)
class Contender:
    """One approved submission on its way to a rank.

    Scores in millionths, `votes` in basis points of weight.
    """

    submission_pk: int
    entry_pk: int
    votes: int
    judge_totals: tuple[int, ...]
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The rank of one entry, with the submission that counts for it."""

    rank: int
    contender: Contender
    votes_score: int
    judges_score: int
    score: int


def standings(contenders: Iterable[Contender], mode: str, hybrid_weight: int) -> list[Standing]:
    """Rank entries by their best submission; ties by `submitted_at`, then id."""
    contenders = list(contenders)
    highest = max((row.votes for row in contenders), default=0)
    scored = []
    for row in contenders:
        votes, judges = votes_score(row.votes, highest), judges_score(row.judge_totals)
        scored.append((final_score(mode, hybrid_weight, judges=judges, votes=votes), votes, judges, row))
    scored.sort(key=lambda item: (-item[0], item[3].submitted_at, item[3].submission_pk))
    ranked: list[Standing] = []
    seen: set[int] = set()
    for score, votes, judges, row in scored:
        if row.entry_pk not in seen:
            seen.add(row.entry_pk)
            ranked.append(Standing(len(ranked) + 1, row, votes, judges, score))
    return ranked


def track_fits(user_track: str | None, challenge_track: str) -> bool:
    """Whether a person of `user_track` may enter; without a track any will do."""
    return not user_track or user_track == challenge_track


def voting_is_open(*, voting_starts_at: datetime, voting_ends_at: datetime, now: datetime) -> bool:
    """Whether votes may be cast or taken back at `now`."""
    return voting_starts_at <= now < voting_ends_at


def points_milli(points: int, multiplier_bps: int) -> int:
    """Thousandths of a point, after the plan's multiplier, floored."""
    return points * MILLI * multiplier_bps // BPS


def rank_for(total_milli: int) -> tuple[str | None, str | None, int | None]:
    """Name of the rank that a total gives.

    Name of the next one and its total in thousandths (None at the top).
    """
    current: str | None = None
    for name, needed in RANKS_BY_TOTAL:
        if total_milli < needed * MILLI:
            return current, name, needed * MILLI
        current = name
    return current, None, None


def link_problem(url: str) -> tuple[str, str] | None:
    """Code and message of what is wrong with a link that people will be shown, or None.

    It is never fetched.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        usable = False
    if usable and url.isprintable() and " " not in url:
        return None
    return ("invalid", "Give a full http or https address.")


def content_type_for(*, text: str, url: str, allowed: Sequence[str]) -> ContentType | None:
    """What a submission of these parts is; None when the challenge does not take one of them."""
    if text and ContentType.TEXT not in allowed:
        return None
    if not url:
        return ContentType.TEXT if text else None
    return next((kind for kind in (ContentType.LINK, ContentType.VIDEO) if kind in allowed), None)


def scores_problem(
    scores: Mapping[str, int], criteria: Sequence[Mapping[str, Any]]
) -> tuple[str, str] | None:
    """Code and message of what is wrong with a judge's scores, or None."""
    if scores.keys() != {row["name"] for row in criteria}:
        return ("criteria", "Score each criterion of the challenge once.")
    if not all(type(value) is int and 0 <= value <= 100 for value in scores.values()):
        return ("range", "Each score is a whole number from 0 to 100.")
    return None
