"""Facts that the challenges app announces; all ids are public ids."""

from ogc.events import DomainSignal

challenge_published = DomainSignal("challenges.challenge_published", args=("challenge_id",))
challenge_opened = DomainSignal("challenges.challenge_opened", args=("challenge_id",))
challenge_closed = DomainSignal("challenges.challenge_closed", args=("challenge_id",))
challenge_cancelled = DomainSignal("challenges.challenge_cancelled", args=("challenge_id",))
challenge_finalized = DomainSignal("challenges.challenge_finalized", args=("challenge_id",))
rewards_distributed = DomainSignal("challenges.rewards_distributed", args=("challenge_id",))
challenge_entered = DomainSignal("challenges.challenge_entered", args=("challenge_id", "user_id"))
submission_created = DomainSignal(
    "challenges.submission_created", args=("submission_id", "challenge_id", "user_id")
)
submission_approved = DomainSignal(
    "challenges.submission_approved", args=("submission_id", "challenge_id", "user_id")
)
submission_rejected = DomainSignal(
    "challenges.submission_rejected", args=("submission_id", "challenge_id", "user_id", "reason")
)
vote_cast = DomainSignal(
    "challenges.vote_cast", args=("submission_id", "challenge_id", "voter_id", "author_id")
)
badge_awarded = DomainSignal("challenges.badge_awarded", args=("user_id", "badge_slug"))
points_awarded = DomainSignal("challenges.points_awarded", args=("user_id", "action", "points_milli"))
