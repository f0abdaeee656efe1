"""What the challenges API takes, and the shapes that it answers (for the document)."""

from typing import Any

from rest_framework import serializers

from challenges.constants import (
    CRITERIA_MAX,
    PRIZE_RANKS_MAX,
    REASON_MAX,
    SLUG_MAX,
    SUBMISSION_TEXT_MAX,
    SUBMISSIONS_PER_ENTRY_MAX,
    SUMMARY_MAX,
    TEXT_MAX,
    TITLE_MAX,
    URL_MAX,
    ContentType,
    JudgingMode,
    SplitMode,
    Track,
    Visibility,
)
from challenges.rules import PrizeSplit
from ogc.api.fields import Amount, Bool, Choice, Instant, Int, JsonObject, ListOf, PublicId, Text
from ogc.api.serializers import StrictSerializer

VERSION_MAX = 2**31 - 1


def _problem(field: str, code: str, message: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: [serializers.ErrorDetail(message, code=code)]})


class VersionedIn(StrictSerializer):
    """A body that must name the version it was made on, in PATCH too."""

    version = Int(minimum=1, maximum=VERSION_MAX)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Version is never optional."""
        if "version" not in attrs:
            raise _problem("version", "required", "Send the version that you read.")
        return attrs


class CriterionIn(StrictSerializer):
    """One thing that judges look at."""

    name = Text(max_length=60)
    weight = Int(minimum=1, maximum=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Complete in PATCH too."""
        for field in self.fields:
            if field not in attrs:
                raise _problem(str(field), "required", "This field is required.")
        return attrs


class PrizeSplitIn(StrictSerializer):
    """`{mode: fixed, amounts}` or `{mode: proportional, top}`; becomes a `rules.PrizeSplit`."""

    mode = Choice(SplitMode.values)
    amounts = ListOf(child=Amount(), max_length=PRIZE_RANKS_MAX, required=False)
    top = Int(minimum=1, maximum=PRIZE_RANKS_MAX, required=False)

    def validate(self, attrs: dict[str, Any]) -> PrizeSplit:
        """Exactly what the mode needs."""
        mode = attrs.get("mode")
        if mode is None:
            raise _problem("mode", "required", "This field is required.")
        needed, other = ("amounts", "top") if mode == SplitMode.FIXED else ("top", "amounts")
        if not attrs.get(needed):
            raise _problem(needed, "required", f"A {mode} split needs this field.")
        if other in attrs:
            raise _problem(other, "unknown", f"A {mode} split does not take this field.")
        return PrizeSplit(SplitMode(mode), tuple(attrs.get("amounts", ())), attrs.get("top", 0))


class ChallengeIn(StrictSerializer):
    """A new challenge."""

    title = Text(max_length=TITLE_MAX, min_length=3)
    summary = Text(max_length=SUMMARY_MAX, min_length=0, required=False)
    description = Text(max_length=TEXT_MAX, min_length=0, multiline=True, required=False)
    rules = Text(max_length=TEXT_MAX, min_length=0, multiline=True, required=False)
    cover_image = Text(max_length=URL_MAX, min_length=0, required=False)
    category = Text(max_length=60)
    track = Choice(Track.values)
    prize_pool = Amount()
    prize_split = PrizeSplitIn()
    criteria = ListOf(child=CriterionIn(), max_length=CRITERIA_MAX, required=False)
    judging_mode = Choice(JudgingMode.values)
    hybrid_weight = Int(minimum=0, maximum=100, required=False)
    visibility = Choice(Visibility.values, required=False)
    premium = Bool(required=False)
    minimum_plan = Text(max_length=32, required=False)
    max_submissions = Int(minimum=1, maximum=SUBMISSIONS_PER_ENTRY_MAX, required=False)
    allowed_content_types = ListOf(
        child=Choice(ContentType.values), min_length=1, max_length=len(ContentType), required=False
    )
    starts_at = Instant()
    submission_deadline = Instant()
    voting_starts_at = Instant()
    voting_ends_at = Instant()


class ChallengePatchIn(ChallengeIn, VersionedIn):
    """Changes to a challenge; after publishing only texts and later times."""


class CancelIn(StrictSerializer):
    """Calling a challenge off."""

    reason = Text(max_length=REASON_MAX, min_length=0, required=False)


class ReopenIn(StrictSerializer):
    """Taking results back."""

    reason = Text(max_length=REASON_MAX)


class JudgeIn(StrictSerializer):
    """Who is to judge."""

    user_id = PublicId()


class ChallengeListQuery(StrictSerializer):
    """Filters of the public list."""

    category = Text(max_length=60, required=False)
    track = Choice(Track.values, required=False)
    status = Choice(
        [
            "published",
            "open",
            "reviewing",
            "finalized",
            "rewards_distributed",
            "badges_assigned",
            "archived",
            "cancelled",
        ],
        required=False,
    )
    premium = Bool(required=False)
    search = Text(max_length=100, required=False)
    ordering = Choice(
        [
            "-created_at",
            "created_at",
            "submission_deadline",
            "-submission_deadline",
            "prize_pool",
            "-prize_pool",
        ],
        required=False,
    )


class PageQuery(StrictSerializer):
    """A page by number."""

    page = Int(minimum=1, maximum=1000, required=False)


class PreviewQuery(StrictSerializer):
    """Whether only to look."""

    preview = Bool(required=False)


class SubmissionIn(StrictSerializer):
    """Work for a challenge that was entered: a text, a link, or both."""

    challenge = Text(max_length=SLUG_MAX)
    text = Text(max_length=SUBMISSION_TEXT_MAX, multiline=True, required=False)
    url = Text(max_length=URL_MAX, required=False)


class SubmissionPatchIn(VersionedIn):
    """A new version; what is not sent stays."""

    text = Text(max_length=SUBMISSION_TEXT_MAX, min_length=0, multiline=True, required=False)
    url = Text(max_length=URL_MAX, min_length=0, required=False)


class ApproveIn(VersionedIn):
    """The version that the reviewer saw."""


class RejectIn(VersionedIn):
    """The version that the reviewer saw, and why it is not accepted."""

    reason = Text(max_length=REASON_MAX)


class ScoreIn(StrictSerializer):
    """A judge's scores, each 0 to 100, by criterion."""

    scores = JsonObject(max_items=CRITERIA_MAX, max_depth=1)
    comment = Text(max_length=TEXT_MAX, min_length=0, multiline=True, required=False)
