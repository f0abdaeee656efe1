"""What challenges start with: categories, badges, and with DEBUG two open challenges."""

from datetime import timedelta

from accounts.selectors import user_by_email
from accounts.services import actor_for
from challenges import rules
from challenges.constants import CATEGORIES, BadgeRule, BadgeTier, JudgingMode, SplitMode, Track
from challenges.models import Badge, Category, Challenge
from challenges.services.authoring import ChallengeBody, challenge_create, challenge_publish, judge_assign
from challenges.services.lifecycle import challenge_open
from ogc import clock
from ogc.actors import Actor
from ogc.amounts import BASE_UNITS_PER_OGC
from ogc.db.transactions import transactional

BADGES = (
    # slug, name, tier, category, rule, min
    ("first-win", "First win", BadgeTier.SILVER, "challenges", BadgeRule.CHALLENGE_WON, 1),
    ("champion", "Champion", BadgeTier.DIAMOND, "challenges", BadgeRule.CHALLENGE_WON, 5),
    ("first-work", "First work", BadgeTier.BRONZE, "submissions", BadgeRule.SUBMISSIONS_APPROVED, 1),
    ("maker", "Maker", BadgeTier.GOLD, "submissions", BadgeRule.SUBMISSIONS_APPROVED, 5),
    ("voter", "Voter", BadgeTier.BRONZE, "community", BadgeRule.VOTES_CAST, 50),
    ("contributor", "Contributor", BadgeTier.BRONZE, "community", BadgeRule.POINTS, 100),
    ("pillar", "Pillar", BadgeTier.GOLD, "community", BadgeRule.POINTS, 5_000),
    ("pioneer", "Pioneer", BadgeTier.DIAMOND, "community", BadgeRule.MANUAL, 0),
)
DEMO_CREATOR = "admin@ogc.local"
DEMO_JUDGE = "judge@ogc.local"


@transactional
def seed(*, debug: bool) -> None:
    """Create the categories and badges that are missing; never touches what an admin changed."""
    for position, (slug, name) in enumerate(CATEGORIES):
        Category.objects.get_or_create(slug=slug, defaults={"name": name, "position": position})
    for slug, name, tier, category, rule, minimum in BADGES:
        criteria = {"rule": str(rule)} if rule == BadgeRule.MANUAL else {"rule": str(rule), "min": minimum}
        Badge.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "tier": tier,
                "category": category,
                "criteria": criteria,
                "icon": f"badges/{slug}.svg",
            },
        )


@transactional
def seed_demo() -> None:
    """Open a voted and a judged challenge, once; needs the people of a local run."""
    creator = user_by_email(DEMO_CREATOR)
    if creator is None:
        return
    actor = actor_for(creator)
    _demo_challenge(actor, "welcome", "Welcome", JudgingMode.VOTES)
    judged = _demo_challenge(actor, "judged-welcome", "Welcome, judged", JudgingMode.JUDGES)
    judge = user_by_email(DEMO_JUDGE)
    if judge is not None:
        judge_assign(actor=actor, challenge_id=judged.public_id, user_id=judge.public_id)


def _demo_challenge(actor: Actor, slug: str, title: str, mode: JudgingMode) -> Challenge:
    """The open challenge of that slug, created if missing."""
    known = Challenge.objects.filter(slug=slug).first()
    if known is not None:
        return known
    now = clock.now()
    deadline = now + timedelta(days=30)
    body = ChallengeBody(
        title=title,
        summary="Say hello with something that you made.",
        description="Show the others who you are: a text or a link to your work.",
        rules="One submission each. Be kind.",
        category=CATEGORIES[-1][0],
        track=Track.FREELANCERS,
        prize_pool=300 * BASE_UNITS_PER_OGC,
        prize_split=rules.PrizeSplit(
            SplitMode.FIXED, tuple(amount * BASE_UNITS_PER_OGC for amount in (150, 100, 50))
        ),
        criteria=({"name": "originality", "weight": 50}, {"name": "impact", "weight": 50}),
        judging_mode=mode,
        starts_at=now,
        submission_deadline=deadline,
        voting_starts_at=deadline,
        voting_ends_at=deadline + timedelta(days=7),
    )
    challenge = challenge_create(actor=actor, body=body, slug=slug)
    challenge_publish(actor=actor, challenge_id=challenge.public_id)
    return challenge_open(actor=actor, challenge_id=challenge.public_id)
