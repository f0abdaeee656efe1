"""The API as a client sees it, in process: JSON in and out, tokens as a login gives them."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client

from ogc.ids import uuid7

PREFIX = "/api/v1/"


def _as_committed(**_: Any) -> Any:
    return nullcontext()


class ApiClient:
    """Calls paths below /api/v1/; runs what waits for the commit, as a real request would.

    Args:
        capture: what runs it where the test's own transaction never commits; by default it runs by itself.
    """

    def __init__(
        self, capture: Callable[..., Any] = _as_committed, headers: dict[str, str] | None = None
    ) -> None:
        self._capture, self._headers = capture, headers or {}
        self._client = Client(raise_request_exception=False)

    def as_user(self, user: Any, **replaced: Any) -> "ApiClient":
        """The same API with a user's access token; `replaced` overrides parts of its claims."""
        from accounts.services.claims import actor_for
        from accounts.tokens import access_token_make

        user.refresh_from_db()
        actor = actor_for(user)
        claims = {
            "user_id": user.public_id,
            "session_id": uuid7(),
            "roles": actor.roles,
            "scopes": actor.scopes,
            "plan": actor.plan,
            "claims_version": user.claims_version,
        }
        return self.with_token(access_token_make(**(claims | replaced)))

    def as_stepped_up(self, user: Any, **replaced: Any) -> "ApiClient":
        """The same API with a token of a new session, in which the user gave their password once more."""
        from tests.factories.accounts import PASSWORD, login_as

        client = self.as_user(user, session_id=login_as(user).session_id, **replaced)
        answer = client.post("auth/step-up", {"password": PASSWORD})
        assert answer.status_code == 204, answer.content
        return client

    def with_token(self, token: str) -> "ApiClient":
        """The same API with this bearer token."""
        return ApiClient(self._capture, self._headers | {"authorization": f"Bearer {token}"})

    def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **extra: Any
    ) -> HttpResponse:
        """One request; bytes are sent as they are, anything else as JSON; `key` is the Idempotency-Key."""
        headers = self._headers | ({"idempotency-key": key} if key else {}) | extra.pop("headers", {})
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        url = path if path.startswith("/") else PREFIX + path
        with self._capture(execute=True):
            return self._client.generic(
                method, url, data, extra.pop("content_type", "application/json"), headers=headers, **extra
            )

    def get(self, path: str, **extra: Any) -> HttpResponse:
        """GET."""
        return self.call("GET", path, **extra)

    def post(self, path: str, body: Any = None, **extra: Any) -> HttpResponse:
        """POST."""
        return self.call("POST", path, body, **extra)

    def patch(self, path: str, body: Any = None, **extra: Any) -> HttpResponse:
        """PATCH."""
        return self.call("PATCH", path, body, **extra)

    def put(self, path: str, body: Any = None, **extra: Any) -> HttpResponse:
        """PUT."""
        return self.call("PUT", path, body, **extra)

    def delete(self, path: str, body: Any = None, **extra: Any) -> HttpResponse:
        """DELETE."""
        return self.call("DELETE", path, body, **extra)


def error_code(response: HttpResponse) -> str:
    """The code of an error answer."""
    return str(response.json()["error"]["code"])  # type: ignore[attr-defined]
