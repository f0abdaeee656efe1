"""What challenges does when something happened: points and badges, and prizes that were taken back."""

from accounts.signals import email_verified, profile_completed
from challenges import signals
from challenges.constants import BadgeRule, PointAction
from challenges.services.badges import badges_evaluate, challenge_winner_badges
from challenges.services.contributions import points_award, points_for_ranks
from challenges.services.prize_returns import prize_return
from ogc.events import Event, consumes
from wallets.signals import transaction_reversed


@consumes(email_verified, name="challenges.points")
def points_for_verification(event: Event) -> None:
    """Points for a verified account, once."""
    user_id = event.payload["user_id"]
    points_award(
        user_id=user_id,
        action=PointAction.VERIFIED,
        source_key=f"verified:{user_id}",
        occurred_at=event.occurred_at,
    )


@consumes(profile_completed, name="challenges.points")
def points_for_profile(event: Event) -> None:
    """Points for a profile with all its parts, once."""
    user_id = event.payload["user_id"]
    points_award(
        user_id=user_id,
        action=PointAction.PROFILE_COMPLETED,
        source_key=f"profile_completed:{user_id}",
        occurred_at=event.occurred_at,
    )


@consumes(signals.challenge_entered, name="challenges.points")
def points_for_entry(event: Event) -> None:
    """Points for entering, once per challenge however often it is left and entered."""
    user_id = event.payload["user_id"]
    points_award(
        user_id=user_id,
        action=PointAction.ENTERED,
        source_key=f"entered:{event.payload['challenge_id']}:{user_id}",
        occurred_at=event.occurred_at,
    )


@consumes(signals.submission_approved, name="challenges.points")
def points_for_approval(event: Event) -> None:
    """Points for approved work, once per submission however many versions are approved."""
    points_award(
        user_id=event.payload["user_id"],
        action=PointAction.APPROVED,
        source_key=f"approved:{event.payload['submission_id']}",
        occurred_at=event.occurred_at,
    )


@consumes(signals.vote_cast, name="challenges.points_of_voter")
def points_for_vote_cast(event: Event) -> None:
    """A point for voting, once per submission."""
    voter_id = event.payload["voter_id"]
    points_award(
        user_id=voter_id,
        action=PointAction.VOTE_CAST,
        source_key=f"vote_cast:{event.payload['submission_id']}:{voter_id}",
        occurred_at=event.occurred_at,
    )


@consumes(signals.vote_cast, name="challenges.points_of_author")
def points_for_vote_received(event: Event) -> None:
    """A point for being voted for, once per submission and voter."""
    payload = event.payload
    points_award(
        user_id=payload["author_id"],
        action=PointAction.VOTE_RECEIVED,
        source_key=f"vote_received:{payload['submission_id']}:{payload['voter_id']}",
        occurred_at=event.occurred_at,
    )


@consumes(signals.rewards_distributed, name="challenges.points")
def points_for_winners(event: Event) -> None:
    """Points for the first three, when the results can't be reopened any more."""
    points_for_ranks(challenge_id=event.payload["challenge_id"], occurred_at=event.occurred_at)


@consumes(signals.rewards_distributed, name="challenges.badges")
def badges_for_winners(event: Event) -> None:
    """Badges for winning."""
    challenge_winner_badges(challenge_id=event.payload["challenge_id"])


@consumes(signals.submission_approved, name="challenges.badges")
def badges_for_approval(event: Event) -> None:
    """Badges for approved work."""
    badges_evaluate(user_id=event.payload["user_id"], rules=(BadgeRule.SUBMISSIONS_APPROVED,))


@consumes(signals.vote_cast, name="challenges.badges")
def badges_for_vote(event: Event) -> None:
    """Badges for voting."""
    badges_evaluate(user_id=event.payload["voter_id"], rules=(BadgeRule.VOTES_CAST,))


@consumes(signals.points_awarded, name="challenges.badges")
def badges_for_points(event: Event) -> None:
    """Badges for points."""
    badges_evaluate(user_id=event.payload["user_id"], rules=(BadgeRule.POINTS,))


@consumes(transaction_reversed, name="challenges.prizes")
def return_reversed_prize(event: Event) -> None:
    """A prize that was undone goes back to the pool from which it came."""
    kind, _, challenge_id = event.payload["reference"].partition(":")
    if kind == "challenge":
        prize_return(
            challenge_id=challenge_id,
            reward_id=event.payload["original_id"],
            reversal_id=event.payload["transaction_id"],
            reason=event.payload["reason"],
        )
