"""Endpoints of /submissions."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from challenges import selectors
from challenges.api import outputs, render
from challenges.api.serializers import ApproveIn, RejectIn, ScoreIn, SubmissionIn, SubmissionPatchIn
from challenges.errors import (
    ChallengeNotEntered,
    ChallengeNotOpen,
    InvalidChallengeState,
    InvalidSubmissionState,
    ReviewOwnNotAllowed,
    SubmissionDeadlinePassed,
    SubmissionLimitReached,
    VoteAlreadyCast,
    VoteNotAllowed,
    VoteSelfNotAllowed,
)
from challenges.models import Submission
from challenges.services import reviews, submissions, votes
from ogc.api.endpoint import SELF, endpoint
from ogc.api.pagination import keyset_page
from ogc.api.responses import created, no_content, ok
from ogc.api.views import ApiView
from ogc.errors import EmailNotVerified, NotFound, UnsupportedFileType, VersionConflict

TAGS = ["submissions"]


class SubmissionsView(ApiView):
    """/submissions"""

    @endpoint(
        action="submission.create",
        summary="Hand in work",
        tags=TAGS,
        scope=SELF,
        request=SubmissionIn,
        responses={201: outputs.SubmissionOut},
        errors=[
            NotFound,
            ChallengeNotEntered,
            ChallengeNotOpen,
            SubmissionDeadlinePassed,
            SubmissionLimitReached,
            UnsupportedFileType,
        ],
        example={"challenge": "welcome", "text": "My idea is …"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """For a challenge that was entered; it waits for review."""
        submission = submissions.submission_create(
            actor=self.actor, challenge_id=data.pop("challenge"), **data
        )
        return created(render.submission_body(submission))


class _SubmissionListView(ApiView):
    """A keyset list of submissions."""

    def page(
        self, request: Request, rows: QuerySet[Submission], *, name: str, order: str, reviewer: bool = False
    ) -> HttpResponse:
        """One page, newest or oldest first."""
        body = render.submission_for_reviewer if reviewer else render.submission_body
        return ok(keyset_page(request, rows, name=name, order=(order,), render=body))


class MySubmissionsView(_SubmissionListView):
    """/submissions/mine"""

    @endpoint(
        summary="My submissions",
        tags=TAGS,
        scope=SELF,
        responses={200: outputs.SubmissionPageOut},
        paged=True,
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Newest first, whatever became of them."""
        rows = selectors.submissions_mine(self.actor)
        return self.page(request, rows, name="submissions.mine", order="-id")


class PendingSubmissionsView(_SubmissionListView):
    """/submissions/pending"""

    @endpoint(
        summary="Work that waits for review",
        tags=TAGS,
        scope="submission.review",
        responses={200: outputs.SubmissionPageOut},
        paged=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Oldest first, without the reviewer's own."""
        rows = selectors.submissions_pending(self.actor)
        return self.page(request, rows, name="submissions.pending", order="id", reviewer=True)


class JudgingView(_SubmissionListView):
    """/challenges/judging"""

    @endpoint(
        summary="Work that waits for my scores",
        tags=TAGS,
        scope="submission.judge",
        responses={200: outputs.SubmissionPageOut},
        paged=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Of the challenges that I judge, oldest first."""
        rows = selectors.submissions_to_judge(self.actor)
        return self.page(request, rows, name="submissions.judging", order="id")


class SubmissionView(ApiView):
    """/submissions/{id}"""

    @endpoint(
        summary="Read a submission",
        tags=TAGS,
        scope=SELF,
        responses={200: outputs.SubmissionOut},
        errors=[NotFound],
    )
    def get(self, request: Request, submission_id: str) -> HttpResponse:
        """One's own at any time; others' once they are approved and the deadline is over."""
        return ok(render.submission_body(selectors.submission_visible(self.actor, submission_id)))

    @endpoint(
        action="submission.revise",
        summary="Hand in a new version",
        tags=TAGS,
        scope=SELF,
        request=SubmissionPatchIn,
        responses={200: outputs.SubmissionOut},
        errors=[
            NotFound,
            SubmissionDeadlinePassed,
            VersionConflict,
            InvalidSubmissionState,
            UnsupportedFileType,
        ],
        example={"version": 1, "text": "My better idea is …"},
    )
    def patch(self, request: Request, data: dict[str, Any], submission_id: str) -> HttpResponse:
        """Until the deadline; it waits for review again."""
        return ok(
            render.submission_body(
                submissions.submission_revise(actor=self.actor, submission_id=submission_id, **data)
            )
        )


class WithdrawView(ApiView):
    """/submissions/{id}/withdraw"""

    @endpoint(
        action="submission.withdraw",
        summary="Take a submission back",
        tags=TAGS,
        scope=SELF,
        responses={200: outputs.SubmissionOut},
        errors=[NotFound, SubmissionDeadlinePassed, InvalidSubmissionState],
    )
    def post(self, request: Request, submission_id: str) -> HttpResponse:
        """Until the deadline."""
        submission = submissions.submission_withdraw(actor=self.actor, submission_id=submission_id)
        return ok(render.submission_body(submission))


class VoteView(ApiView):
    """/submissions/{id}/vote"""

    @endpoint(
        action="submission.vote",
        summary="Vote for a submission",
        tags=TAGS,
        scope=SELF,
        responses={201: outputs.VoteOut},
        errors=[NotFound, EmailNotVerified, VoteAlreadyCast, VoteSelfNotAllowed, VoteNotAllowed],
    )
    def post(self, request: Request, submission_id: str) -> HttpResponse:
        """Once, with the weight of one's plan."""
        vote = votes.vote_cast(actor=self.actor, submission_id=submission_id)
        return created(render.vote_body(vote.weight_bps))

    @endpoint(
        action="submission.unvote",
        summary="Take a vote back",
        tags=TAGS,
        scope=SELF,
        responses={204: None},
        errors=[NotFound, VoteNotAllowed],
    )
    def delete(self, request: Request, submission_id: str) -> HttpResponse:
        """While voting is open."""
        votes.vote_withdraw(actor=self.actor, submission_id=submission_id)
        return no_content()


class ScoreView(ApiView):
    """/submissions/{id}/score"""

    @endpoint(
        action="submission.score",
        summary="Score a submission",
        tags=TAGS,
        scope="submission.judge",
        request=ScoreIn,
        responses={200: outputs.ScoreOut},
        errors=[NotFound, ReviewOwnNotAllowed, InvalidSubmissionState, InvalidChallengeState],
        example={"scores": {"originality": 80, "impact": 65}, "comment": "Clear and new."},
    )
    def put(self, request: Request, data: dict[str, Any], submission_id: str) -> HttpResponse:
        """By an assigned judge, after the deadline; again replaces."""
        return ok(render.score_body(reviews.score_put(actor=self.actor, submission_id=submission_id, **data)))


class ApproveView(ApiView):
    """/submissions/{id}/approve"""

    @endpoint(
        action="submission.approve",
        summary="Approve a submission",
        tags=TAGS,
        scope="submission.review",
        request=ApproveIn,
        responses={200: outputs.SubmissionOut},
        errors=[NotFound, ReviewOwnNotAllowed, VersionConflict, InvalidSubmissionState],
        example={"version": 1},
    )
    def post(self, request: Request, data: dict[str, Any], submission_id: str) -> HttpResponse:
        """The version that was read, by somebody else than its author."""
        submission = reviews.submission_approve(actor=self.actor, submission_id=submission_id, **data)
        return ok(render.submission_for_reviewer(submission))


class RejectView(ApiView):
    """/submissions/{id}/reject"""

    @endpoint(
        action="submission.reject",
        summary="Reject a submission",
        tags=TAGS,
        scope="submission.review",
        request=RejectIn,
        responses={200: outputs.SubmissionOut},
        errors=[NotFound, ReviewOwnNotAllowed, VersionConflict, InvalidSubmissionState],
        example={"version": 1, "reason": "The text is not about the topic."},
    )
    def post(self, request: Request, data: dict[str, Any], submission_id: str) -> HttpResponse:
        """The version that was read, with a reason for its author."""
        submission = reviews.submission_reject(actor=self.actor, submission_id=submission_id, **data)
        return ok(render.submission_for_reviewer(submission))
