"""What the challenges app refuses, each with its code."""

from ogc.errors import ConflictError, ForbiddenError, InvalidError


class InvalidChallengeState(ConflictError):
    """The challenge's status does not allow the move."""

    code = "INVALID_CHALLENGE_STATE"
    message = "The challenge is not in a status that allows this."


class DeadlineInvalid(InvalidError):
    """The times of a challenge contradict each other or are over."""

    code = "DEADLINE_INVALID"
    message = (
        "Times must satisfy starts_at < submission_deadline <= voting_starts_at < voting_ends_at, "
        "with the deadline ahead."
    )


class ChallengeNotOpen(ConflictError):
    """Entries are taken only while the challenge is open."""

    code = "CHALLENGE_NOT_OPEN"
    message = "The challenge is not open for entries."


class ChallengeAlreadyEntered(ConflictError):
    """One entry per person."""

    code = "CHALLENGE_ALREADY_ENTERED"
    message = "You have entered this challenge already."


class ChallengeNotEligible(ForbiddenError):
    """Track or account do not fit the challenge; `reason` says which."""

    code = "CHALLENGE_NOT_ELIGIBLE"
    message = "This challenge is for another track."


class ChallengePlanRequired(ForbiddenError):
    """The challenge needs a higher plan; `plan` names it."""

    code = "CHALLENGE_PLAN_REQUIRED"
    message = "This challenge needs a higher plan."


class ChallengeNotEntered(ForbiddenError):
    """Submitting needs an entry first."""

    code = "CHALLENGE_NOT_ENTERED"
    message = "Enter the challenge before you submit."


class SubmissionDeadlinePassed(ConflictError):
    """Work can no longer be added or changed."""

    code = "SUBMISSION_DEADLINE_PASSED"
    message = "The submission deadline has passed."


class SubmissionLimitReached(ConflictError):
    """Every submission slot of the entry is taken; `max_submissions` says how many there are."""

    code = "SUBMISSION_LIMIT_REACHED"
    message = "You have used all submissions of this challenge."


class InvalidSubmissionState(ConflictError):
    """The submission's status does not allow the move."""

    code = "INVALID_SUBMISSION_STATE"
    message = "The submission is not in a status that allows this."


class ReviewOwnNotAllowed(ForbiddenError):
    """Nobody reviews or judges their own work."""

    code = "REVIEW_OWN_NOT_ALLOWED"
    message = "You cannot review your own submission."


class TeamLeaderOnly(ForbiddenError):
    """A team's leader acts for it."""

    code = "TEAM_LEADER_ONLY"
    message = "Only the leader of the team can do this."


class VoteAlreadyCast(ConflictError):
    """One vote per person and submission."""

    code = "VOTE_ALREADY_CAST"
    message = "You have voted for this submission already."


class VoteSelfNotAllowed(ForbiddenError):
    """Nobody votes for themselves or their team."""

    code = "VOTE_SELF_NOT_ALLOWED"
    message = "You cannot vote for your own submission."


class VoteNotAllowed(ForbiddenError):
    """Not a voter, or voting is not open; `reason` says which."""

    code = "VOTE_NOT_ALLOWED"
    message = "You cannot vote here now."


class ResultsNotReady(ConflictError):
    """Something is still open; `open` lists it."""

    code = "RESULTS_NOT_READY"
    message = "Reviews or scores are still open."
