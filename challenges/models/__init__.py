"""Tables of the challenges app."""

from challenges.models.challenge import Category, Challenge, ChallengeMove
from challenges.models.entry import Entry, Team, TeamMember
from challenges.models.result import JudgeAssignment, PrizeAward, Result, Score
from challenges.models.standing import Badge, BadgeAward, ContributionEvent, Contributor
from challenges.models.submission import Submission, SubmissionVersion, Vote

__all__ = [
    "Badge",
    "BadgeAward",
    "Category",
    "Challenge",
    "ChallengeMove",
    "ContributionEvent",
    "Contributor",
    "Entry",
    "JudgeAssignment",
    "PrizeAward",
    "Result",
    "Score",
    "Submission",
    "SubmissionVersion",
    "Team",
    "TeamMember",
    "Vote",
]
