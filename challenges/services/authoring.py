"""Writing challenges: drafts, their edits, publishing with escrow, cancelling."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.text import slugify

from accounts.selectors import plan_get, user_pk
from challenges import locks, rules, selectors
from challenges.constants import SLUG_MAX, ChallengeAction, ChallengeStatus
from challenges.models import Challenge, JudgeAssignment
from challenges.services.lifecycle import challenge_for_update, challenge_move, state_refusal
from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import ValidationFailed
from ogc.ids import uuid7
from ogc.ports import audit_record
from wallets.services.escrows import escrow_fund, escrow_refund

TEXT_FIELDS = frozenset({"title", "summary", "description", "rules", "cover_image"})
TIME_FIELDS = ("starts_at", "submission_deadline", "voting_starts_at", "voting_ends_at")
LATER_FIELDS = frozenset(TIME_FIELDS) - {"starts_at"}


@dataclass(frozen=True, slots=True)
class ChallengeBody:
    """Everything that a draft says; amounts in base units, `category` and `minimum_plan` by slug."""

    title: str
    category: str
    track: str
    prize_pool: int
    prize_split: rules.PrizeSplit
    judging_mode: str
    starts_at: datetime
    submission_deadline: datetime
    voting_starts_at: datetime
    voting_ends_at: datetime
    summary: str = ""
    description: str = ""
    rules: str = ""
    cover_image: str = ""
    criteria: tuple[dict[str, Any], ...] = ()
    hybrid_weight: int = 50
    visibility: str = "public"
    premium: bool = False
    minimum_plan: str = "free"
    max_submissions: int = 1
    allowed_content_types: tuple[str, ...] = ("text", "link")


def _check(body: dict[str, Any]) -> None:
    rules.times_check(**{name: body[name] for name in TIME_FIELDS}, now=clock.now())
    problems = {
        "cover_image": rules.link_problem(body["cover_image"]) if body["cover_image"] else None,
        "criteria": rules.criteria_problem(body["criteria"], body["judging_mode"]),
        "prize_split": rules.split_problem(body["prize_split"], body["prize_pool"]),
        "allowed_content_types": None
        if body["allowed_content_types"]
        else ("required", "Allow at least one."),
    }
    wrong = {field: [problem] for field, problem in problems.items() if problem}
    if wrong:
        raise ValidationFailed(wrong)


def _references(body: dict[str, Any]) -> dict[str, Any]:
    """Turn slugs into rows and value objects into what the database keeps."""
    category = selectors.category_get(body["category"])
    if category is None:
        raise ValidationFailed({"category": [("unknown", "There is no such category.")]})
    if plan_get(body["minimum_plan"]).slug != body["minimum_plan"]:
        raise ValidationFailed({"minimum_plan": [("unknown", "There is no such plan.")]})
    return body | {
        "category": category,
        "prize_split": body["prize_split"].to_json(),
        "criteria": list(body["criteria"]),
        "allowed_content_types": sorted(set(body["allowed_content_types"])),
    }


def _slug(title: str) -> str:
    """A slug that is free; the random tail is there only when the plain one is taken."""
    plain = slugify(title)[: SLUG_MAX - 9] or "challenge"
    taken = Challenge.objects.filter(slug=plain).exists()
    return f"{plain}-{uuid7()[-8:]}" if taken else plain


def _body(challenge: Challenge) -> dict[str, Any]:
    names = ChallengeBody.__dataclass_fields__
    plain = {name: getattr(challenge, name) for name in names if name != "category"}
    return plain | {
        "category": challenge.category.slug,
        "prize_split": rules.PrizeSplit.from_json(challenge.prize_split),
    }


@transactional
def challenge_create(*, actor: Actor, body: ChallengeBody, slug: str | None = None) -> Challenge:
    """Write a draft.

    Raises:
        PermissionDenied: without `challenge.write`.
        DeadlineInvalid: the times contradict each other or the deadline is over.
        ValidationFailed: criteria, split, category, plan.
    """
    require(actor, "challenge.create", scope="challenge.write")
    values = {name: getattr(body, name) for name in ChallengeBody.__dataclass_fields__}
    _check(values)
    try:
        challenge = Challenge.objects.create(
            **_references(values), slug=slug or _slug(body.title), created_by_id=user_pk(actor.user_id or "")
        )
    except IntegrityError:
        raise ValidationFailed({"title": [("taken", "Another challenge just took this title.")]}) from None
    audit_record(
        actor=actor, action="challenge.create", target_type="challenge", target_id=challenge.public_id
    )
    return challenge


def _refuse_fixed_fields(challenge: Challenge, changes: dict[str, Any]) -> None:
    """After publishing only texts and later times may change."""
    wrong = {
        name: [("fixed", "This can't change once the challenge is published.")]
        for name in changes
        if name not in TEXT_FIELDS | LATER_FIELDS
    }
    for name in LATER_FIELDS & changes.keys():
        if changes[name] < getattr(challenge, name):
            wrong[name] = [("earlier", "A published time can only move later.")]
    if wrong:
        raise ValidationFailed(wrong)


@transactional
def challenge_update(*, actor: Actor, challenge_id: str, version: int, changes: dict[str, Any]) -> Challenge:
    """Edit a draft, or the texts and later times of a published or open challenge.

    Args:
        changes: fields of `ChallengeBody`.

    Raises:
        VersionConflict: `version` is stale.
        InvalidChallengeState: submissions are over.
        DeadlineInvalid, ValidationFailed: as `challenge_create`.
    """
    challenge = challenge_for_update(actor, challenge_id, "challenge.update", version=version)
    if challenge.status not in (ChallengeStatus.DRAFT, ChallengeStatus.PUBLISHED, ChallengeStatus.OPEN):
        raise state_refusal(challenge, "update")
    before = _body(challenge)
    changes = {name: value for name, value in changes.items() if before[name] != value}
    if challenge.status != ChallengeStatus.DRAFT:
        _refuse_fixed_fields(challenge, changes)
    body = before | changes
    _check(body)
    for name, value in _references(body).items():
        setattr(challenge, name, value)
    challenge.version += 1
    challenge.updated_at = clock.now()
    challenge.save()
    audit_record(
        actor=actor,
        action="challenge.update",
        target_type="challenge",
        target_id=challenge.public_id,
        before={name: str(before[name]) for name in changes},
        after={name: str(value) for name, value in changes.items()},
    )
    return challenge


@transactional
def challenge_delete(*, actor: Actor, challenge_id: str) -> None:
    """Delete a draft.

    Raises:
        InvalidChallengeState: it is no draft any more.
    """
    challenge = challenge_for_update(actor, challenge_id, "challenge.delete")
    if challenge.status != ChallengeStatus.DRAFT:
        raise state_refusal(challenge, "delete")
    audit_record(
        actor=actor,
        action="challenge.delete",
        target_type="challenge",
        target_id=challenge.public_id,
        before={"title": challenge.title},
    )
    JudgeAssignment.objects.filter(challenge=challenge).delete()
    challenge.delete()


@transactional
def challenge_publish(*, actor: Actor, challenge_id: str) -> Challenge:
    """Publish a draft and move its prize pool from `rewards_pool` into its escrow.

    Raises:
        InvalidChallengeState: it is no draft.
        DeadlineInvalid: its deadline is over by now.
        InsufficientBalance: `rewards_pool` does not hold the prize.
    """
    challenge = challenge_for_update(actor, challenge_id, "challenge.publish")
    rules.transition_for(ChallengeAction.PUBLISH, challenge.status)
    rules.times_check(**{name: getattr(challenge, name) for name in TIME_FIELDS}, now=clock.now())
    escrow_fund(actor=actor, challenge_id=challenge.public_id, amount=challenge.prize_pool)
    challenge_move(actor=actor, challenge=challenge, action=ChallengeAction.PUBLISH)
    return challenge


@transactional
def challenge_cancel(*, actor: Actor, challenge_id: str, reason: str = "") -> Challenge:
    """Call a challenge off before it is finalised, and give its escrow back to `rewards_pool`.

    Raises:
        InvalidChallengeState: it is finalised or over.
    """
    challenge = challenge_for_update(actor, challenge_id, "challenge.cancel")
    funded = challenge.status != ChallengeStatus.DRAFT
    challenge_move(actor=actor, challenge=challenge, action=ChallengeAction.CANCEL, reason=reason)
    if funded:
        escrow_refund(actor=actor, challenge_id=challenge.public_id)
    return challenge


@transactional
def judge_assign(*, actor: Actor, challenge_id: str, user_id: str) -> JudgeAssignment:
    """Appoint a judge for a challenge; appointing again changes nothing.

    Raises:
        InvalidChallengeState: the results are frozen.
        ValidationFailed: no such user, or one who takes part.
    """
    require(actor, "challenge.judges", scope="challenge.write")
    challenge = locks.challenge_lock(challenge_id)
    if challenge.finalized_at or challenge.status == ChallengeStatus.CANCELLED:
        raise state_refusal(challenge, "judges")
    judge_pk = selectors.judge_candidate(challenge.pk, user_id)
    assignment, created = JudgeAssignment.objects.get_or_create(
        challenge=challenge, judge_id=judge_pk, defaults={"assigned_by_id": user_pk(actor.user_id or "")}
    )
    if created:
        audit_record(
            actor=actor,
            action="challenge.judge_assign",
            target_type="challenge",
            target_id=challenge.public_id,
            after={"judge": user_id},
        )
    return assignment
