"""Endpoints of /users."""

from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from rest_framework.request import Request

from accounts import people, services
from accounts.api import cookies
from accounts.api.profile_render import export_body, own_body, public_body
from accounts.api.serializers.profile import (
    AvatarQuery,
    CloseIn,
    ExportArchiveOut,
    ExportOut,
    ProfileIn,
    ProfileOut,
    PublicProfileOut,
)
from accounts.constants import AVATAR_MAX_BYTES
from accounts.errors import AccountHasObligations, BalanceNotEmpty, PasswordWrong
from ogc.api.endpoint import PUBLIC, SELF, endpoint
from ogc.api.responses import accepted, no_content, ok
from ogc.api.views import ApiView
from ogc.errors import AccountDisabled, FileTooLarge, NotFound, UnsupportedFileType

TAGS = ["users"]
WEBP = "image/webp"
AVATAR_CACHE = "public, max-age=300"


class OwnProfileView(ApiView):
    """/users/me"""

    @endpoint(
        summary="My profile",
        tags=TAGS,
        scope=SELF,
        responses={200: ProfileOut},
        errors=[NotFound],
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """What I said of myself, and how my account stands."""
        return ok(own_body(people.own_profile(self.actor)))

    @endpoint(
        summary="Change my profile",
        tags=TAGS,
        scope=SELF,
        request=ProfileIn,
        responses={200: ProfileOut},
        errors=[AccountDisabled, FileTooLarge, UnsupportedFileType],
        action="profile.update",
        multipart=True,
        file_bytes=AVATAR_MAX_BYTES,
        no_store=True,
        description=(
            "JSON, or a form with the file `avatar`: JPEG, PNG, WebP or GIF up to 10 MiB and 32 million "
            "pixels, kept as WebP of at most 512 pixels without metadata."
        ),
        example={"name": "Ada", "bio": "Numbers.", "locale": "en-GB", "time_zone": "Europe/London"},
    )
    def patch(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """What is not named stays; null is no longer set."""
        services.profile_update(actor=self.actor, changes=data)
        return ok(own_body(people.own_profile(self.actor)))

    @endpoint(
        summary="Close my account",
        tags=TAGS,
        scope=SELF,
        request=CloseIn,
        responses={204: None},
        errors=[PasswordWrong, AccountHasObligations, BalanceNotEmpty, AccountDisabled],
        action="account.close",
        no_store=True,
        description=(
            "For good: nothing personal is left, and the address can be registered again. Refused while "
            "anything is open; `details.obligations` lists it as {kind, count or amount}."
        ),
        example={"password": "a long and rare sentence"},
    )
    def delete(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """The ledger, votes and the audit trail keep the id."""
        services.account_close(actor=self.actor, password=data["password"])
        response = no_content()
        cookies.refresh_clear(response)
        return response


class ExportsView(ApiView):
    """/users/me/export"""

    @endpoint(
        summary="Ask for an archive of my data",
        tags=TAGS,
        scope=SELF,
        responses={202: ExportOut},
        errors=[AccountDisabled],
        action="export.request",
        no_store=True,
        description="One that is under way, or was ready within the hour, is answered again.",
    )
    def get(self, request: Request) -> HttpResponse:
        """Made in the background; kept for a week."""
        return accepted(export_body(services.export_request(actor=self.actor)))


class ExportView(ApiView):
    """/users/me/export/{id}"""

    @endpoint(
        summary="Fetch an archive of my data",
        tags=TAGS,
        scope=SELF,
        responses={200: ExportArchiveOut, 202: ExportOut},
        errors=[NotFound],
        no_store=True,
    )
    def get(self, request: Request, export_id: str) -> HttpResponseBase:
        """The archive as an attachment, or how far it got."""
        export = people.export_get(self.actor, export_id)
        if not export.file:
            return accepted(export_body(export))
        file = people.file_open(export.file.name or "")
        name = f"ogc-newfinity-{export.public_id}.json"
        return FileResponse(file, as_attachment=True, filename=name, content_type="application/json")


class PublicProfileView(ApiView):
    """/users/{id}"""

    @endpoint(
        summary="A public profile",
        tags=TAGS,
        scope=PUBLIC,
        responses={200: PublicProfileOut},
        errors=[NotFound],
    )
    def get(self, request: Request, user_id: str) -> HttpResponse:
        """Of anybody who is not suspended or closed."""
        return ok(public_body(people.public_profile(user_id)))


class AvatarView(ApiView):
    """/users/{id}/avatar"""

    @endpoint(
        summary="A picture of a user",
        tags=TAGS,
        scope=PUBLIC,
        query=AvatarQuery,
        responses={304: None},
        content_type=WEBP,
        errors=[NotFound],
    )
    def get(self, request: Request, query: dict[str, Any], user_id: str) -> HttpResponseBase:
        """Made by us from what was uploaded; as an attachment."""
        name = people.avatar_get(user_id)
        etag = quote_etag(name)
        response: HttpResponseBase | None = get_conditional_response(request._request, etag=etag)
        if response is None:
            file = people.file_open(name)
            response = FileResponse(file, as_attachment=True, filename="avatar.webp", content_type=WEBP)
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = AVATAR_CACHE
        return response
