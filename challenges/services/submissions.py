"""Handing in work: first versions, new versions, withdrawal."""

import hashlib

from django.db import IntegrityError
from django.db.models import F

from challenges import locks, rules, selectors, signals
from challenges.constants import ChallengeStatus, EntryStatus
from challenges.errors import (
    ChallengeNotEntered,
    ChallengeNotOpen,
    SubmissionDeadlinePassed,
    SubmissionLimitReached,
)
from challenges.models import Challenge, Entry, Submission, SubmissionVersion
from challenges.services.entries import OPEN_IN_DATABASE
from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound, UnsupportedFileType, ValidationFailed, VersionConflict


def _content(challenge: Challenge, *, text: str, url: str) -> dict[str, str]:
    """The content fields of a version, checked against what the challenge takes."""
    if not text and not url:
        raise ValidationFailed({"text": [("required", "Give a text, a url or both.")]})
    problem = rules.link_problem(url) if url else None
    if problem:
        raise ValidationFailed({"url": [problem]})
    kind = rules.content_type_for(text=text, url=url, allowed=challenge.allowed_content_types)
    if kind is None:
        raise UnsupportedFileType(allowed=challenge.allowed_content_types)
    digest = hashlib.sha256("\0".join((kind, text, url)).encode()).hexdigest()
    return {"content_type": kind, "text": text, "url": url, "content_hash": digest}


def _check_taking_work(challenge: Challenge) -> None:
    """Refuse work outside the time for it, also when the job that should close the challenge is late."""
    status = selectors.status_now(challenge)
    if status == ChallengeStatus.OPEN:
        return
    if status in (ChallengeStatus.DRAFT, ChallengeStatus.PUBLISHED, ChallengeStatus.CANCELLED):
        raise ChallengeNotOpen(status=str(status))
    raise SubmissionDeadlinePassed


def _count(challenge: Challenge, by: int) -> None:
    """Move the public counter while work is taken; also the guard against a close that commits meanwhile."""
    rows = Challenge.objects.filter(
        pk=challenge.pk, status__in=OPEN_IN_DATABASE, submission_deadline__gt=clock.now()
    )
    if not rows.update(submission_count=F("submission_count") + by):
        raise SubmissionDeadlinePassed


def _free_slot(entry: Entry, max_submissions: int) -> int:
    taken = set(Submission.objects.filter(entry=entry, slot__isnull=False).values_list("slot", flat=True))
    free = next((slot for slot in range(1, max_submissions + 1) if slot not in taken), None)
    if free is None:
        raise SubmissionLimitReached(max_submissions=max_submissions)
    return free


def _version_write(submission: Submission, content: dict[str, str]) -> None:
    SubmissionVersion.objects.create(
        submission=submission, number=submission.version, created_at=submission.submitted_at, **content
    )


@transactional
def submission_create(*, actor: Actor, challenge_id: str, text: str = "", url: str = "") -> Submission:
    """Hand in a piece of work.

    Raises:
        NotFound: no such challenge that the actor may know of.
        ChallengeNotEntered, ChallengeNotOpen, SubmissionDeadlinePassed.
        SubmissionLimitReached: every slot of the entry is taken; the unique (entry, slot) decides races.
        UnsupportedFileType, ValidationFailed: the content.

    Effects: locks the entry; submission and version rows; public counter; `submission_created`.
    """
    require(actor, "submission.create", scope="self")
    challenge = selectors.challenge_visible(actor, challenge_id)
    author_pk = selectors.actor_pk(actor)
    entry = locks.entry_lock(challenge.pk, author_pk)
    if entry is None or entry.status != EntryStatus.ACTIVE:
        raise ChallengeNotEntered
    _check_taking_work(challenge)
    content = _content(challenge, text=text, url=url)
    slot = _free_slot(entry, challenge.max_submissions)
    _count(challenge, 1)
    try:
        submission = Submission.objects.create(
            challenge=challenge,
            entry=entry,
            author_id=author_pk,
            team_id=entry.team_id,
            slot=slot,
            duplicate=selectors.content_is_known(challenge.pk, author_pk, content["content_hash"]),
            **content,
        )
    except IntegrityError:
        raise SubmissionLimitReached(max_submissions=challenge.max_submissions) from None
    _version_write(submission, content)
    signals.submission_created.emit(
        submission_id=submission.public_id, challenge_id=challenge.public_id, user_id=actor.user_id
    )
    return submission


def _own_submission(actor: Actor, submission_id: str) -> Submission:
    """Lock the challenge and one's own submission while work is taken."""
    seen = selectors.submission_visible(actor, submission_id)
    if seen.author_id != selectors.actor_pk(actor):
        raise NotFound
    challenge = locks.challenge_lock(seen.challenge_id)
    _check_taking_work(challenge)
    submission = locks.submission_lock(submission_id)
    submission.challenge = challenge
    return submission


@transactional
def submission_revise(
    *, actor: Actor, submission_id: str, version: int, text: str | None = None, url: str | None = None
) -> Submission:
    """Replace the content by a new version, which is pending again; parts that are None stay.

    Raises:
        NotFound: not one's own.
        SubmissionDeadlinePassed, VersionConflict, InvalidSubmissionState, UnsupportedFileType,
        ValidationFailed.
    """
    require(actor, "submission.revise", scope="self")
    submission = _own_submission(actor, submission_id)
    if submission.version != version:
        raise VersionConflict(version=submission.version)
    status = rules.submission_target("revise", submission.status)
    content = _content(
        submission.challenge,
        text=submission.text if text is None else text,
        url=submission.url if url is None else url,
    )
    for name, value in content.items():
        setattr(submission, name, value)
    submission.status, submission.version = status, version + 1
    submission.submitted_at = clock.now()
    submission.reviewed_by = submission.reviewed_at = None
    submission.review_reason = ""
    submission.duplicate = selectors.content_is_known(
        submission.challenge_id, submission.author_id, submission.content_hash
    )
    submission.save()
    _version_write(submission, content)
    return submission


@transactional
def submission_withdraw(*, actor: Actor, submission_id: str) -> Submission:
    """Take work back before the deadline; its slot is free again.

    Raises:
        NotFound: not one's own.
        SubmissionDeadlinePassed, InvalidSubmissionState.
    """
    require(actor, "submission.withdraw", scope="self")
    submission = _own_submission(actor, submission_id)
    submission.status = rules.submission_target("withdraw", submission.status)
    submission.slot = None
    _count(submission.challenge, -1)
    submission.save(update_fields=["status", "slot"])
    return submission
