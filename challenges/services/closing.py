"""What closing an account means for challenges."""

from django.db.models import Exists, OuterRef, Q

from accounts.ports import Obligation
from challenges.constants import AwardStatus, ChallengeStatus, EntryStatus
from challenges.models import Entry, JudgeAssignment, PrizeAward, Result, Team

UNDECIDED = (ChallengeStatus.PUBLISHED, ChallengeStatus.OPEN, ChallengeStatus.REVIEWING)
"""Statuses of challenges whose ranks are still open."""
UNPAID = (AwardStatus.QUEUED, AwardStatus.HELD, AwardStatus.FAILED)


def challenge_obligations(user_pk: int) -> list[Obligation]:
    """Entries, teams, judging and prizes that keep an account from being closed.

    Entering takes the user's lock too (`accounts.services.user_hold`), so nothing begins in between.
    """
    undecided = Q(challenge__status__in=UNDECIDED)
    award = PrizeAward.objects.filter(challenge=OuterRef("challenge"), user_id=user_pk)
    owed = Q(challenge__status=ChallengeStatus.FINALIZED, prize__gt=0) & ~Exists(award)
    counts = {
        "entries": Entry.objects.filter(undecided, user_id=user_pk, status=EntryStatus.ACTIVE).count(),
        "teams": Team.objects.filter(undecided, leader_id=user_pk).count(),
        "judging": JudgeAssignment.objects.filter(undecided, judge_id=user_pk).count(),
        "prizes": PrizeAward.objects.filter(user_id=user_pk, status__in=UNPAID).count()
        + Result.objects.filter(owed, user_id=user_pk).count(),
    }
    return [Obligation(kind, count=count) for kind, count in counts.items() if count]
