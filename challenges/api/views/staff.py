"""Endpoints of /challenges for those who run them."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from challenges.api import outputs, render
from challenges.api.serializers import CancelIn, ChallengeIn, JudgeIn, PreviewQuery, ReopenIn
from challenges.api.views.challenges import CHALLENGE_EXAMPLE
from challenges.errors import DeadlineInvalid, InvalidChallengeState, ResultsNotReady
from challenges.services import authoring, badges, distribution, lifecycle, results
from ogc.api.endpoint import REQUIRED, endpoint
from ogc.api.responses import accepted, created, no_content, ok
from ogc.api.views import ApiView
from ogc.errors import InvalidAmount, NotFound, SecondPersonRequired
from wallets.errors import InsufficientBalance

TAGS = ["challenges"]
SCOPE = "challenge.write"


class PublishView(ApiView):
    """/challenges/{id}/publish"""

    @endpoint(
        action="challenge.publish",
        summary="Publish a draft and fund its escrow",
        tags=TAGS,
        scope=SCOPE,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound, InvalidChallengeState, DeadlineInvalid, InsufficientBalance],
    )
    def post(self, request: Request, key: str) -> HttpResponse:
        """The prize pool moves from the rewards pool into the challenge's escrow."""
        return ok(render.challenge_body(authoring.challenge_publish(actor=self.actor, challenge_id=key)))


class OpenView(ApiView):
    """/challenges/{id}/open"""

    @endpoint(
        action="challenge.open",
        summary="Open a published challenge now",
        tags=TAGS,
        scope=SCOPE,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound, InvalidChallengeState],
    )
    def post(self, request: Request, key: str) -> HttpResponse:
        """Before `starts_at` that becomes now."""
        return ok(render.challenge_body(lifecycle.challenge_open(actor=self.actor, challenge_id=key)))


class CloseView(ApiView):
    """/challenges/{id}/close"""

    @endpoint(
        action="challenge.close",
        summary="End submissions now",
        tags=TAGS,
        scope=SCOPE,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound, InvalidChallengeState],
    )
    def post(self, request: Request, key: str) -> HttpResponse:
        """The deadline becomes now; voting times stay."""
        return ok(render.challenge_body(lifecycle.challenge_close(actor=self.actor, challenge_id=key)))


class CancelView(ApiView):
    """/challenges/{id}/cancel"""

    @endpoint(
        action="challenge.cancel",
        summary="Call a challenge off",
        tags=TAGS,
        scope=SCOPE,
        request=CancelIn,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound, InvalidChallengeState],
        confirm=True,
        example={"confirm": True, "reason": "The sponsor withdrew."},
    )
    def post(self, request: Request, data: dict[str, Any], key: str) -> HttpResponse:
        """Before it is finalised; its escrow goes back."""
        challenge = authoring.challenge_cancel(actor=self.actor, challenge_id=key, **data)
        return ok(render.challenge_body(challenge))


class ArchiveView(ApiView):
    """/challenges/{id}/archive"""

    @endpoint(
        action="challenge.archive",
        summary="Put a finished challenge away",
        tags=TAGS,
        scope=SCOPE,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound, InvalidChallengeState],
    )
    def post(self, request: Request, key: str) -> HttpResponse:
        """After its badges are assigned."""
        return ok(render.challenge_body(lifecycle.challenge_archive(actor=self.actor, challenge_id=key)))


class JudgesView(ApiView):
    """/challenges/{id}/judges"""

    @endpoint(
        action="challenge.judges",
        summary="Appoint a judge",
        tags=TAGS,
        scope=SCOPE,
        request=JudgeIn,
        responses={204: None},
        errors=[NotFound, InvalidChallengeState],
        example={"user_id": "01890a5d-ac96-774b-bcce-b302099a8057"},
    )
    def post(self, request: Request, data: dict[str, Any], key: str) -> HttpResponse:
        """Somebody who does not take part; again changes nothing."""
        authoring.judge_assign(actor=self.actor, challenge_id=key, **data)
        return no_content()


def _not_a_preview(data: dict[str, Any], query: dict[str, Any]) -> bool:
    return not query.get("preview")


class FinalizeView(ApiView):
    """/challenges/{id}/finalize"""

    @endpoint(
        action="challenge.finalize",
        summary="Freeze ranks and prizes, or look at them first",
        tags=TAGS,
        scope=SCOPE,
        query=PreviewQuery,
        responses={200: outputs.OutcomeOut},
        errors=[NotFound, InvalidChallengeState, ResultsNotReady],
        confirm=_not_a_preview,
        description="With `?preview=true` nothing is written and nothing needs to be confirmed.",
    )
    def post(self, request: Request, query: dict[str, Any], key: str) -> HttpResponse:
        """After voting, when no review or score is open."""
        preview = query.get("preview", False)
        call = results.results_preview if preview else results.challenge_finalize
        return ok(render.outcome_body(call(actor=self.actor, challenge_id=key), preview=preview))


class ReopenView(ApiView):
    """/challenges/{id}/reopen"""

    @endpoint(
        action="challenge.reopen",
        summary="Take results back before they are paid",
        tags=TAGS,
        scope=SCOPE,
        request=ReopenIn,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound, InvalidChallengeState, SecondPersonRequired],
        example={"reason": "A submission was copied."},
    )
    def post(self, request: Request, data: dict[str, Any], key: str) -> HttpResponse:
        """By somebody else than who finalised."""
        challenge = results.challenge_reopen(actor=self.actor, challenge_id=key, **data)
        return ok(render.challenge_body(challenge))


class DistributeView(ApiView):
    """/challenges/{id}/distribute"""

    @endpoint(
        action="challenge.distribute",
        summary="Pay the prizes",
        tags=TAGS,
        scope=SCOPE,
        responses={200: outputs.ChallengeOut, 202: outputs.DistributionWaitsOut},
        errors=[NotFound, InvalidChallengeState, SecondPersonRequired],
        idempotency=REQUIRED,
        rate="money",
        confirm=True,
        no_store=True,
        description="200 when every prize is paid; 202 while many are being paid, or when the sum takes "
        "a second person's approval.",
    )
    def post(self, request: Request, key: str) -> HttpResponse:
        """Once; again answers how far it is."""
        outcome = distribution.challenge_distribute(actor=self.actor, challenge_id=key)
        if outcome.approval is not None:
            return accepted(
                {"approval": {"id": outcome.approval.public_id, "status": outcome.approval.status}}
            )
        body = render.challenge_body(outcome.challenge)
        return ok(body) if outcome.is_complete else accepted({"challenge": body})


class AssignBadgesView(ApiView):
    """/challenges/{id}/assign-badges"""

    @endpoint(
        action="challenge.assign_badges",
        summary="Give the winners their badges",
        tags=TAGS,
        scope=SCOPE,
        responses={200: outputs.ChallengeOut},
        errors=[NotFound, InvalidChallengeState],
    )
    def post(self, request: Request, key: str) -> HttpResponse:
        """After the rewards are distributed."""
        challenge = badges.challenge_assign_badges(actor=self.actor, challenge_id=key)
        return ok(render.challenge_body(challenge))


class AdminChallengesView(ApiView):
    """/admin/challenges"""

    @endpoint(
        action="challenge.create",
        summary="Write a new challenge (for admin panels)",
        tags=["admin"],
        scope=SCOPE,
        request=ChallengeIn,
        responses={201: outputs.ChallengeOut},
        errors=[DeadlineInvalid, InvalidAmount],
        example=CHALLENGE_EXAMPLE,
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """The same as POST /challenges."""
        body = authoring.ChallengeBody(**data)
        return created(render.challenge_body(authoring.challenge_create(actor=self.actor, body=body)))
