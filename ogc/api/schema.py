"""The OpenAPI document, generated from the endpoints' declarations."""

from functools import lru_cache
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework.serializers import Serializer

from ogc import errors
from ogc.api import fields
from ogc.api.endpoint import Endpoint, Idempotency
from ogc.api.errors import STATUS, envelope
from ogc.api.examples import example_of
from ogc.api.serializers import ErrorOut, StrictSerializer
from ogc.errors import DomainError

Errors = list[type[DomainError]]
JSON = "application/json"


class EndpointSchema(AutoSchema):
    """Reads `@endpoint` where there is one."""

    _pinned: Endpoint | None = None

    @property
    def declared(self) -> Endpoint | None:
        """The declaration of this operation."""
        return self._pinned or getattr(self._handler(), "endpoint", None)

    def _handler(self) -> Any:
        action_map = getattr(self.view, "action_map", None) or {}
        return getattr(self.view, action_map.get(self.method.lower(), self.method.lower()), None)

    def is_excluded(self) -> bool:
        """Only declared endpoints are in the document."""
        return self.declared is None

    def get_operation_id(self) -> str:
        """Path and method: unique and stable."""
        path = self.path.removeprefix("/api/v1/").replace("-", "_").replace(".", "_")
        parts = [part.strip("{}_") for part in path.split("/") if part]
        return "_".join([*parts, self.method.lower()])

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """The app goes before the name, since two apps may use one word for two shapes."""
        kind = type(serializer)
        app = kind.__module__.partition(".")[0]
        return kind.__name__ if app == "ogc" else f"{app.capitalize()}{kind.__name__}"

    def map_parsers(self) -> list[str]:
        """Content types of the body."""
        forms = ["multipart/form-data"] if self.declared and self.declared.multipart else []
        return ["application/json", *forms]

    def _is_list_view(self, serializer: Any = None) -> bool:
        # An action named `list` declares the shape of its page itself.
        return False

    def get_tags(self) -> list[str]:
        """Section of the contract."""
        return list(self.declared.tags) if self.declared else []

    def get_summary(self) -> str:
        """One line."""
        return self.declared.summary if self.declared else ""

    def get_description(self) -> str:  # type: ignore[override]
        """Scope, repetition and error codes, in words."""
        declared = self.declared
        assert declared is not None
        lines = [declared.description] if declared.description else []
        lines.append(f"Scope: {' or '.join(declared.scopes)}." if declared.scopes else "Public.")
        if self.method == "POST" and declared.idempotency is Idempotency.REQUIRED:
            lines.append("Needs an Idempotency-Key" + (", but for dry runs." if declared.dry_run else "."))
        if declared.confirm:
            lines.append('Takes "confirm": true, where the call can\'t be undone.')
        lines.append("Error codes: " + ", ".join(sorted({e.code for e in all_errors(declared, self)})) + ".")
        return "\n\n".join(lines)

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Bearer, or nothing."""
        return [] if self.declared is None or self.declared.is_public else [{"bearer": []}]

    def get_request_serializer(self) -> Any:
        """The declared input, and `confirm` where it is asked for."""
        declared = self.declared
        if declared is None or not declared.confirm:
            return declared.request if declared else None
        return _with_confirm(declared.request, declared.confirm is True)  # type: ignore[arg-type]

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method != "DELETE" or self.get_request_serializer() is None:
            return super()._get_request_body(direction)
        # The library knows no DELETE with a body.
        self._pinned, self.method = self.declared, "POST"
        try:
            return super()._get_request_body(direction)
        finally:
            self._pinned, self.method = None, "DELETE"

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        return schema

    def get_response_serializers(self) -> Any:
        """Declared answers and every error by status."""
        declared = self.declared
        assert declared is not None
        answers: dict[Any, Any] = {
            status: OpenApiResponse(serializer, description="Done." if serializer else "Done, no body.")
            for status, serializer in declared.responses.items()
        }
        if declared.content_type != JSON:
            file = OpenApiResponse(OpenApiTypes.BINARY, description="The file.")
            answers = {(200, declared.content_type): file} | {k: v for k, v in answers.items() if k != 200}
        if declared.also_content_type:
            file = OpenApiResponse(OpenApiTypes.BINARY, description="The same as a file.")
            answers[(200, declared.also_content_type)] = file
        by_status: dict[int, Errors] = {}
        for error in all_errors(declared, self):
            by_status.setdefault(STATUS[error.kind], []).append(error)
        for status, found in by_status.items():
            codes = ", ".join(sorted({error.code for error in found}))
            first = found[0]
            example = OpenApiExample(
                first.code,
                envelope(first.code, first.message),
                response_only=True,
                status_codes=[str(status)],
            )
            answers.setdefault(status, OpenApiResponse(ErrorOut, description=codes, examples=[example]))
        return answers

    def get_override_parameters(self) -> list[Any]:
        """Query fields, paging, and the idempotency key."""
        declared = self.declared
        assert declared is not None
        parameters: list[Any] = [declared.query] if declared.query else []
        if declared.paged:
            parameters += [
                OpenApiParameter(
                    "page_size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
                ),
                OpenApiParameter("cursor", str, description="From `next` or `previous` of another page."),
            ]
        if (
            self.method == "POST"
            and declared.idempotency is not Idempotency.IGNORED
            and not declared.is_public
        ):
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
                    OpenApiParameter.HEADER,
                    required=declared.idempotency is Idempotency.REQUIRED and not declared.dry_run,
                )
            )
        return parameters

    def get_examples(self) -> list[OpenApiExample]:
        """The declared example, of the body where there is one; what is missing is made from the shapes."""
        declared = self.declared
        if declared is None:
            return []
        request, found = self.get_request_serializer(), []
        if request is not None:
            value = declared.example if declared.request and declared.example else example_of(request())
            if declared.confirm:
                value = {**value, "confirm": True}
            found += [
                OpenApiExample("Request", value, request_only=True, media_type=media_type)
                for media_type in self.map_parsers()
            ]
        for media_type in {declared.content_type, declared.also_content_type} - {JSON, ""}:
            file = OpenApiExample("File", "(bytes)", response_only=True, status_codes=["200"])
            file.media_type = media_type
            found.append(file)
        given = declared.example if declared.request is None else None
        for status, serializer in declared.responses.items():
            if serializer is not None:
                shape = serializer() if isinstance(serializer, type) else serializer
                value = given or example_of(shape)
                found.append(
                    OpenApiExample(f"Answer {status}", value, response_only=True, status_codes=[str(status)])
                )
        return found


@lru_cache(maxsize=256)
def _with_confirm(serializer: type[Serializer] | None, is_needed: bool) -> type[Serializer]:
    base = serializer or StrictSerializer
    how = "Confirmed" if is_needed else "MaybeConfirmed"
    name = f"{how}{base.__name__}" if serializer else how
    body = {"confirm": fields.Bool(required=is_needed), "__module__": base.__module__}
    return type(name, (base,), body)


def all_errors(declared: Endpoint, schema: EndpointSchema) -> Errors:
    """What the service refuses and what the plumbing refuses, for one operation."""
    found: Errors = [*declared.errors, errors.ServiceUnavailable]
    found += [errors.TokenInvalid, errors.TokenExpired, errors.AccountDisabled]
    if declared.rate:
        found.append(errors.RateLimited)
    if not declared.is_public:
        found += [errors.NotAuthenticated, errors.PermissionDenied]
    if declared.request or declared.query or declared.paged or schema.method not in ("GET", "HEAD"):
        found.append(errors.ValidationFailed)
    if declared.paged:
        found.append(errors.CursorInvalid)
    if schema.method not in ("GET", "HEAD"):
        found += [errors.MalformedJson, errors.UnsupportedMediaType, errors.PayloadTooLarge]
    if declared.file_bytes:
        found.append(errors.FileTooLarge)
    if declared.confirm:
        found.append(errors.ConfirmationRequired)
    if "{" in schema.path:
        found.append(errors.NotFound)
    if schema.method == "POST" and not declared.is_public and declared.idempotency is not Idempotency.IGNORED:
        found += [errors.IdempotencyInProgress, errors.IdempotencyKeyReused]
        if declared.idempotency is Idempotency.REQUIRED:
            found.append(errors.IdempotencyKeyRequired)
    return list(dict.fromkeys(found))


class StrictFieldExtension(OpenApiSerializerFieldExtension):
    """Our input fields describe themselves."""

    target_class = fields.StrictField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """The JSON Schema of the field."""
        schema: dict[str, Any] = self.target.json_schema()
        return schema
