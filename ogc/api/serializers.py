"""Bases of serializers: strict ones for what comes in, documenting ones for what goes out."""

import copy
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from ogc.api.fields import Instant, StrictField


class StrictSerializer(serializers.Serializer):
    """Input: unknown fields of a body are refused (those of a query string are passed over)."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Our own fields hold nothing but their declaration, so a shallow copy serves each request."""
        return {
            name: copy.copy(field) if isinstance(field, StrictField) else copy.deepcopy(field)
            for name, field in self._declared_fields.items()
        }

    def to_internal_value(self, data: Any) -> Any:
        """The checked values.

        Raises:
            ValidationError: field errors, unknown fields among them.
        """
        if isinstance(data, Mapping) and not self.context.get("text"):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {
                        name: [serializers.ErrorDetail("This field is not known.", code="unknown")]
                        for name in unknown
                    }
                )
        return super().to_internal_value(data)


class PeriodQuery(StrictSerializer):
    """Query of a list within two moments: `from` is the first one, `to` the first one after the last."""

    to = Instant(required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        """Adds `from`, which Python does not take as an attribute."""
        return {**super().get_fields(), "from": Instant(required=False)}


class OutSerializer(serializers.Serializer):
    """Output: the shape of an answer, for the document and for rendering."""


class PageOut(OutSerializer):
    """A page of a list: its `results`, named by the list, and the links to the pages beside it."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """The links come last."""
        return super().get_fields() | {
            name: serializers.CharField(allow_null=True) for name in ("next", "previous")
        }


class ErrorBody(serializers.Serializer):
    """The inside of every error."""

    code = serializers.CharField(help_text="Stable code; programs decide by it.")
    message = serializers.CharField(help_text="For people; may change.")
    details = serializers.DictField(help_text="For VALIDATION_ERROR: field → list of {code, message}.")


class ErrorOut(serializers.Serializer):
    """Every error."""

    error = ErrorBody()
