"""Examples for the document, made from the declared shapes where an endpoint brings none of its own."""

from typing import Any

from rest_framework import serializers

from ogc.api import fields

ID = "01990f3e-5c1a-7b2d-9e4f-0a1b2c3d4e5f"
MOMENT = "2026-01-31T12:00:00Z"
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
_MONEY = frozenset({"amount", "available", "balance", "balance_after", "fee", "pending", "prize_pool"}) | {
    "reserved", "staked", "total",
}  # fmt: skip
_LINKS = frozenset({"next", "previous"})


def example_of(field: Any, name: str = "") -> Any:
    """A plausible value of a field, serializer or list of them; links of pages are null."""
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        return [example_of(field.child, name)]
    if isinstance(field, serializers.Serializer):
        return {key: example_of(inner, key) for key, inner in field.fields.items() if not inner.write_only}
    if isinstance(field, fields.StrictField):
        return _of_input(field, name)
    if name in _LINKS:
        return None
    for kind, value in _BY_TYPE:
        if isinstance(field, kind):
            return value
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices))
    return _text(name)


def _of_input(field: fields.StrictField, name: str) -> Any:
    schema = field.json_schema()
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "integer":
        return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
    for kind, value in _BY_INPUT:
        if isinstance(field, kind):
            return value
    return [] if schema.get("type") == "array" else _text(name)


def _text(name: str) -> str:
    if name == "id" or name.endswith("_id"):
        return ID
    if name.endswith("_at") or name in ("from", "to", "at", "created"):
        return MOMENT
    if name in _MONEY:
        return "12.5"
    if name == "email":
        return "ada@example.org"
    return name.replace("_", " ") or "text"


_BY_TYPE: tuple[tuple[Any, Any], ...] = (
    (serializers.BooleanField, True),
    (serializers.IntegerField, 1),
    (serializers.FloatField, 1.5),
    (serializers.DateTimeField, MOMENT),
    (serializers.DateField, MOMENT[:10]),
    (serializers.FileField, "file"),
    (serializers.DictField | serializers.JSONField, {}),
)
_BY_INPUT: tuple[tuple[Any, Any], ...] = (
    (fields.Bool, True),
    (fields.Amount, "12.5"),
    (fields.PublicId, ID),
    (fields.Email, "ada@example.org"),
    (fields.Instant, MOMENT),
    (fields.EthAddress, ADDRESS),
    (fields.JsonObject, {}),
)
