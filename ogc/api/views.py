"""The base view: one parser, one renderer, no negotiation, and the declared endpoint obeyed in one place.

Order of refusals: method, authentication, access, rate, idempotency key, body, confirmation, then the
service. Views subclass `ApiView` (one resource: `get`, `post` …) or `ApiViewSet` (named actions) and return
answers of `ogc.api.responses`; they never catch.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from ogc import access
from ogc.access import Outcome
from ogc.actors import ANONYMOUS, Actor
from ogc.api import authentication, idempotency, rate_limits
from ogc.api.endpoint import SELF, Endpoint, Idempotency
from ogc.api.errors import handle
from ogc.api.parsing import is_form, parse_body
from ogc.errors import (
    ConfirmationRequired,
    IdempotencyKeyRequired,
    MethodNotAllowed,
    PermissionDenied,
    ValidationFailed,
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ApiView(APIView):
    """Answers one path; each HTTP method that it takes carries an `@endpoint`."""

    actor: Actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Obey the declaration, then call the method."""
        self.args, self.kwargs = args, kwargs
        usage: rate_limits.Usage | None = None
        declared: Endpoint | None = None
        try:
            method = self._method(request)
            declared = method.endpoint  # type: ignore[attr-defined]
            self.actor = ANONYMOUS if declared.login_ignored else authentication.authenticate(request)
            request.user = self.actor  # type: ignore[assignment]
            self._check_access(declared, request)
            usage = rate_limits.take(declared, request, self.actor, self)
            response = self._answer(method, declared, request)
        except Exception as error:
            response = handle(error)
            if response.status_code == 405:
                response.headers["Allow"] = ", ".join(self._declared_methods())
            usage = usage or getattr(error, "usage", None)
        if usage is not None:
            rate_limits.add_headers(response, usage)
        if (declared is not None and declared.no_store) or response.status_code == 401:
            response.headers["Cache-Control"] = "no-store"
        return response

    def _method(self, request: HttpRequest) -> Callable[..., HttpResponse]:
        # Only HTTP's own methods: a request with the method LIST or PUBLISH must not reach actions by name.
        name = (request.method or "").lower()
        handler = getattr(self, name, None) if name in self.http_method_names else None
        if handler is None or not hasattr(handler, "endpoint"):
            raise MethodNotAllowed
        return handler

    def _declared_methods(self) -> list[str]:
        return [m.upper() for m in self.http_method_names if hasattr(getattr(self, m, None), "endpoint")]

    def action_name(self, declared: Endpoint, request: HttpRequest) -> str:
        """What policies call this call."""
        if declared.action:
            return declared.action
        app = type(self).__module__.split(".", 1)[0]
        method = "get" if request.method == "HEAD" else (request.method or "").lower()
        return f"{app}.{type(self).__name__}.{method}"

    def _check_access(self, declared: Endpoint, request: HttpRequest) -> None:
        if declared.is_public:
            return
        scopes = declared.scopes
        scope = next((one for one in scopes if self.actor.has(one)), scopes[0])
        decision = access.require(
            self.actor,
            self.action_name(declared, request),
            scope=scope,
            write=request.method not in SAFE_METHODS,
        )
        if scope == SELF and self.actor.kind != "user":
            raise PermissionDenied(scope=SELF)
        if decision.outcome is Outcome.REQUIRE_ESCALATION and not declared.escalates:
            raise PermissionDenied(decision.explanation or None, level=decision.level, rule=decision.rule)

    def _answer(
        self, method: Callable[..., HttpResponse], declared: Endpoint, request: HttpRequest
    ) -> HttpResponse:
        # A dry run is one by its body, so that the body is read before a missing key is told.
        key = None if declared.dry_run else self._idempotency_key(declared, request)
        body = {} if declared.raw or request.method in SAFE_METHODS else self._body(declared, request)
        if declared.dry_run and body.get("dry_run") is not True:
            key = self._idempotency_key(declared, request)
        inputs = self._inputs(declared, request, body)
        drf_request = Request(request, parsers=())
        drf_request._user, drf_request._auth = self.actor, None  # type: ignore[attr-defined]
        self.request = drf_request

        def call() -> HttpResponse:
            # Called again after a deadlock: what one attempt takes out of its input is there for the next.
            fresh = {name: dict(values) for name, values in inputs.items()}
            return method(drf_request, *self.args, **fresh, **self.kwargs)

        if key is None:
            return call()
        fingerprint = idempotency.fingerprint(request.method or "", request.get_full_path(), body)
        return idempotency.answer_once(caller=self.actor.key, key=key, fingerprint=fingerprint, call=call)

    def _idempotency_key(self, declared: Endpoint, request: HttpRequest) -> str | None:
        if request.method != "POST" or declared.idempotency is Idempotency.IGNORED:
            return None
        if not self.actor.is_authenticated or (declared.multipart and is_form(request)):
            return None
        key = request.META.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            if declared.idempotency is Idempotency.REQUIRED:
                raise IdempotencyKeyRequired
            return None
        return idempotency.check_key(key)

    def _body(self, declared: Endpoint, request: HttpRequest) -> dict[str, Any]:
        body = parse_body(request, multipart=declared.multipart, file_bytes=declared.file_bytes)
        if declared.request is None:
            unknown = body.keys() - ({"confirm"} if declared.confirm else set())
            if unknown:
                raise ValidationFailed({name: [("unknown", "This field is not known.")] for name in unknown})
        if declared.confirm and not isinstance(body.get("confirm", False), bool):
            raise ValidationFailed({"confirm": [("invalid", "This must be true or false.")]})
        return body

    def _inputs(self, declared: Endpoint, request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
        inputs: dict[str, Any] = {}
        confirmed = body.get("confirm") is True
        if declared.query is not None:
            inputs["query"] = validated_query(declared.query, request)
        if declared.request is not None:
            given = (
                {name: value for name, value in body.items() if name != "confirm"}
                if declared.confirm
                else body
            )
            partial = request.method == "PATCH"
            form = declared.multipart and is_form(request)
            inputs["data"] = validated(declared.request, given, partial=partial, form=form)
        needed = declared.confirm
        if callable(needed):
            needed = needed(inputs.get("data", {}), inputs.get("query", {}))
        if needed and not confirmed:
            raise ConfirmationRequired
        return inputs


class ApiViewSet(ViewSetMixin, ApiView):
    """Several paths of one resource: `.as_view({"get": "list", "post": "create"})`."""

    action_map: dict[str, str]

    def action_name(self, declared: Endpoint, request: HttpRequest) -> str:
        """What policies call this call."""
        if declared.action:
            return declared.action
        app = type(self).__module__.split(".", 1)[0]
        action = self.action_map.get((request.method or "").lower(), "")
        return f"{app}.{type(self).__name__}.{action}"


@lru_cache(maxsize=1024)
def _checker(serializer: Any, is_text: bool, is_partial: bool, is_form: bool) -> Any:
    """One instance that checks each request's values: it keeps nothing of them, and building costs more."""
    return serializer(partial=is_partial, context={"text": is_text, "form": is_form})


@lru_cache(maxsize=512)
def _defaults(serializer: Any) -> dict[str, Any]:
    """What an empty query string comes to: defaults are constants."""
    return dict(validated(serializer, {}, text=True))


def validated_query(serializer: Any, request: HttpRequest) -> dict[str, Any]:
    """The checked values of a query string.

    Raises:
        ValidationFailed: as the serializer says.
    """
    if not request.META.get("QUERY_STRING"):
        return _defaults(serializer).copy()
    return validated(serializer, request.GET.dict(), text=True)


def validated(
    serializer: Any, given: Any, *, text: bool = False, partial: bool = False, form: bool = False
) -> dict[str, Any]:
    """The checked values of a query string (`text`), of a form, or of JSON.

    Raises:
        ValidationFailed, InvalidAmount: as the serializer says.
    """
    values: dict[str, Any] = _checker(serializer, text, partial, form).run_validation(given)
    return values
