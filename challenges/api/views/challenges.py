"""Endpoints of /challenges that everybody uses."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from rest_framework.request import Request

from challenges import selectors
from challenges.api import outputs, render
from challenges.api.serializers import ChallengeIn, ChallengeListQuery, ChallengePatchIn, PageQuery
from challenges.errors import (
    ChallengeAlreadyEntered,
    ChallengeNotEligible,
    ChallengeNotEntered,
    ChallengeNotOpen,
    ChallengePlanRequired,
    DeadlineInvalid,
    InvalidChallengeState,
    SubmissionDeadlinePassed,
)
from challenges.selectors import BoardPage
from challenges.services.authoring import (
    ChallengeBody,
    challenge_create,
    challenge_delete,
    challenge_update,
)
from challenges.services.entries import challenge_enter, challenge_leave
from ogc.api.endpoint import PUBLIC, SELF, endpoint
from ogc.api.pagination import keyset_page
from ogc.api.responses import created, no_content, ok
from ogc.api.views import ApiView
from ogc.errors import EmailNotVerified, InvalidAmount, NotFound, VersionConflict

TAGS = ["challenges"]
ORDERINGS = {
    "-created_at": ("-id",),
    "created_at": ("id",),
    "submission_deadline": ("submission_deadline", "id"),
    "-submission_deadline": ("-submission_deadline", "-id"),
    "prize_pool": ("prize_pool", "id"),
    "-prize_pool": ("-prize_pool", "-id"),
}
CHALLENGE_EXAMPLE = {
    "title": "A lamp that runs on tap water",
    "summary": "Light for places without a grid.",
    "category": "green-sustainable-technology",
    "track": "freelancers",
    "prize_pool": "300",
    "prize_split": {"mode": "fixed", "amounts": ["150", "100", "50"]},
    "criteria": [{"name": "originality", "weight": 50}, {"name": "impact", "weight": 50}],
    "judging_mode": "votes",
    "starts_at": "2030-01-01T00:00:00Z",
    "submission_deadline": "2030-01-31T00:00:00Z",
    "voting_starts_at": "2030-01-31T00:00:00Z",
    "voting_ends_at": "2030-02-07T00:00:00Z",
}


class ChallengesView(ApiView):
    """/challenges"""

    @endpoint(
        summary="List challenges",
        tags=TAGS,
        scope=PUBLIC,
        query=ChallengeListQuery,
        responses={200: outputs.ChallengePageOut},
        paged=True,
        description="Orderings: `-created_at` (default), `submission_deadline`, `prize_pool` and their "
        "opposites; each ends in the order of creation.",
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Public challenges; nobody needs to sign in."""
        return ok(
            keyset_page(
                request,
                lambda: selectors.challenges_listed(query),
                name="challenges",
                order=ORDERINGS[query.get("ordering", "-created_at")],
                filters=query,
                render=render.challenge_card,
            )
        )

    @endpoint(
        action="challenge.create",
        summary="Write a new challenge",
        tags=TAGS,
        scope="challenge.write",
        request=ChallengeIn,
        responses={201: outputs.ChallengeOut},
        errors=[DeadlineInvalid, InvalidAmount],
        example=CHALLENGE_EXAMPLE,
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """A draft that nobody else sees yet."""
        challenge = challenge_create(actor=self.actor, body=ChallengeBody(**data))
        return created(render.challenge_body(challenge))


class CategoriesView(ApiView):
    """/challenges/categories"""

    @endpoint(
        summary="List categories",
        tags=TAGS,
        scope=PUBLIC,
        responses={200: outputs.CategoryListOut},
    )
    def get(self, request: Request) -> HttpResponse:
        """In their order."""
        rows = selectors.categories()
        return ok({"results": [{"slug": row.slug, "name": row.name} for row in rows]})


class ChallengeView(ApiView):
    """/challenges/{slug or id}"""

    @endpoint(
        summary="Read a challenge",
        tags=TAGS,
        scope=PUBLIC,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound],
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """By slug or id."""
        return ok(render.challenge_body(selectors.challenge_visible(self.actor, key)))

    @endpoint(
        action="challenge.edit",
        summary="Change a challenge",
        tags=TAGS,
        scope="challenge.write",
        request=ChallengePatchIn,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound, VersionConflict, InvalidChallengeState, DeadlineInvalid, InvalidAmount],
        example={"version": 1, "summary": "Light without a grid."},
    )
    def patch(self, request: Request, data: dict[str, Any], key: str) -> HttpResponse:
        """All of a draft; after publishing only texts and later times."""
        version = data.pop("version")
        challenge = challenge_update(actor=self.actor, challenge_id=key, version=version, changes=data)
        return ok(render.challenge_body(challenge))

    @endpoint(
        action="challenge.delete",
        summary="Delete a draft",
        tags=TAGS,
        scope="challenge.write",
        responses={204: None},
        errors=[NotFound, InvalidChallengeState],
    )
    def delete(self, request: Request, key: str) -> HttpResponse:
        """Only drafts go; what was published is cancelled instead."""
        challenge_delete(actor=self.actor, challenge_id=key)
        return no_content()


class TimelineView(ApiView):
    """/challenges/{id}/timeline"""

    @endpoint(
        summary="What happened to a challenge, and what will",
        tags=TAGS,
        scope=PUBLIC,
        responses={200: outputs.TimelineOut},
        errors=[NotFound],
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """Its moves, oldest first."""
        challenge = selectors.challenge_visible(self.actor, key)
        return ok(render.timeline_body(challenge, list(selectors.timeline(challenge))))


class EnterView(ApiView):
    """/challenges/{id}/enter"""

    @endpoint(
        action="challenge.enter",
        summary="Enter a challenge",
        tags=TAGS,
        scope=SELF,
        responses={201: outputs.ChallengeEntryOut},
        errors=[
            NotFound,
            EmailNotVerified,
            ChallengeNotOpen,
            ChallengeAlreadyEntered,
            ChallengeNotEligible,
            ChallengePlanRequired,
        ],
    )
    def post(self, request: Request, key: str) -> HttpResponse:
        """One entry per person."""
        return created(render.entry_body(challenge_enter(actor=self.actor, challenge_id=key)))

    @endpoint(
        action="challenge.leave",
        summary="Leave a challenge",
        tags=TAGS,
        scope=SELF,
        responses={204: None},
        errors=[NotFound, ChallengeNotEntered, SubmissionDeadlinePassed],
    )
    def delete(self, request: Request, key: str) -> HttpResponse:
        """Until the deadline; what was submitted is withdrawn."""
        challenge_leave(actor=self.actor, challenge_id=key)
        return no_content()


class ChallengeSubmissionsView(ApiView):
    """/challenges/{id}/submissions"""

    @endpoint(
        summary="Approved work of a challenge",
        tags=TAGS,
        scope=PUBLIC,
        responses={200: outputs.SubmissionPageOut},
        errors=[NotFound],
        paged=True,
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """After the deadline; before it outsiders get an empty list."""
        challenge = selectors.challenge_visible(self.actor, key)
        rows = selectors.submissions_of_challenge(self.actor, challenge)
        return ok(
            keyset_page(
                request,
                rows,
                name="challenges.submissions",
                order=("id",),
                filters=challenge.public_id,
                render=render.submission_body,
            )
        )


class LeaderboardView(ApiView):
    """/challenges/{id}/leaderboard"""

    @endpoint(
        summary="Leaderboard",
        tags=TAGS,
        scope=PUBLIC,
        query=PageQuery,
        responses={200: outputs.LeaderboardOut},
        errors=[NotFound],
        description="20 places a page. Empty before the deadline; judges' scores show when they are final.",
    )
    def get(self, request: Request, query: dict[str, Any], key: str) -> HttpResponse:
        """Best first."""
        challenge = selectors.challenge_visible(self.actor, key)
        board = selectors.leaderboard(challenge, query.get("page", 1))
        rows = [render.board_row(row) for row in board.rows]
        return ok({"count": board.count, "results": rows} | _links(request, board))


def _links(request: Request, board: BoardPage) -> dict[str, str | None]:
    """Addresses of the neighbouring pages."""

    def link(page: int) -> str:
        return request.build_absolute_uri(f"{request.path}?{urlencode({'page': page})}")

    return {
        "next": link(board.page + 1) if board.has_next else None,
        "previous": link(board.page - 1) if board.page > 1 else None,
    }


class ResultsView(ApiView):
    """/challenges/{id}/results"""

    @endpoint(
        summary="Final ranks and prizes",
        tags=TAGS,
        scope=PUBLIC,
        responses={200: outputs.ResultPageOut},
        errors=[NotFound, InvalidChallengeState],
        paged=True,
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """Once the challenge is finalised."""
        challenge = selectors.challenge_visible(self.actor, key)
        rows = selectors.results_of(challenge)
        return ok(
            keyset_page(
                request,
                rows,
                name="challenges.results",
                order=("rank",),
                filters=challenge.public_id,
                render=render.result_row,
            )
        )
