"""Badges: who has earned one by now."""

from collections.abc import Collection

from accounts.selectors import user_get
from challenges import signals
from challenges.constants import BadgeRule, ChallengeAction
from challenges.models import Badge, BadgeAward, Challenge, Result
from challenges.selectors.standing import badge_progress
from challenges.services.lifecycle import challenge_for_update, challenge_move
from ogc.actors import Actor
from ogc.db.transactions import transactional


@transactional
def badges_evaluate(*, user_id: str, rules: Collection[BadgeRule]) -> list[str]:
    """Award the badges of these rules that a person has earned and does not hold yet.

    Args:
        user_id: public id.
        rules: those that the fact at hand can change; only their badges are looked at.

    Returns:
        Slugs of the badges that are new.

    Effects: award rows, `badge_awarded` for each. Idempotent: a badge is held once, by constraint.
    """
    user = user_get(user_id)
    held = set(BadgeAward.objects.filter(user=user).values_list("badge_id", flat=True))
    awarded = []
    for badge in Badge.objects.filter(active=True).exclude(pk__in=held):
        rule = badge.criteria["rule"]
        if rule not in rules or rule == BadgeRule.MANUAL:
            continue
        if badge_progress(user.pk, rule) >= badge.criteria["min"]:
            awarded.append(badge)
    for badge in awarded:
        _, new = BadgeAward.objects.get_or_create(badge=badge, user=user)
        if new:
            signals.badge_awarded.emit(user_id=user_id, badge_slug=badge.slug)
    return [badge.slug for badge in awarded]


@transactional
def challenge_winner_badges(*, challenge_id: str) -> None:
    """Look at the badges of those who won a challenge. Idempotent."""
    winners = Result.objects.filter(challenge__public_id=challenge_id, rank=1)
    for user_id in winners.values_list("user__public_id", flat=True):
        badges_evaluate(user_id=user_id, rules=(BadgeRule.CHALLENGE_WON,))


@transactional
def challenge_assign_badges(*, actor: Actor, challenge_id: str) -> Challenge:
    """Make sure that the winners hold their badges, and move the challenge on.

    Raises:
        InvalidChallengeState: the rewards are not distributed.
    """
    challenge = challenge_for_update(actor, challenge_id, "challenge.assign_badges")
    challenge_move(actor=actor, challenge=challenge, action=ChallengeAction.ASSIGN_BADGES)
    challenge_winner_badges(challenge_id=challenge.public_id)
    return challenge
