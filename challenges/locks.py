"""Every row lock of the challenges app. Order: entry, challenge, submission, award, contributor.

Rows by pk.
"""

from challenges.models import Challenge, Contributor, Entry, PrizeAward, Submission
from challenges.querysets import by_key
from ogc.errors import NotFound


def challenge_lock(key: str | int) -> Challenge:
    """Lock one challenge.

    Args:
        key: public id, slug or row number.

    Raises:
        NotFound: there is none.
    """
    row = by_key(Challenge.objects.select_for_update(), key).first()
    if row is None:
        raise NotFound
    return row


def entry_lock(challenge_pk: int, user_pk: int) -> Entry | None:
    """Lock the entry of one person in one challenge, if there is one."""
    return Entry.objects.select_for_update().filter(challenge_id=challenge_pk, user_id=user_pk).first()


def submission_lock(public_id: str) -> Submission:
    """Lock one submission.

    Raises:
        NotFound: there is none.
    """
    row = Submission.objects.select_for_update().filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def submissions_lock(challenge_pk: int, status: str) -> list[Submission]:
    """Lock all submissions of a challenge in one status, so that no vote or edit slips in.

    With their authors.
    """
    rows = Submission.objects.select_for_update().filter(challenge_id=challenge_pk, status=status)
    return list(rows.defer("text").prefetch_related("author").order_by("pk"))


def award_lock(pk: int) -> PrizeAward:
    """Lock one prize award; its challenge, submission and user come with it unlocked."""
    return PrizeAward.objects.select_for_update().get(pk=pk)


def contributor_lock(user_pk: int) -> Contributor:
    """Lock the points total of one person, made with 0 points when there is none yet.

    Reads first: inserting over an existing row would take a shared lock that two at once can't both raise.
    """
    rows = Contributor.objects.select_for_update().filter(user_id=user_pk)
    known = rows.first()
    if known is not None:
        return known
    Contributor.objects.bulk_create([Contributor(user_id=user_pk)], ignore_conflicts=True)
    return rows.get()
