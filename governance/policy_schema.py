"""What a policy document may say: JSON Schema, by level.

A document is `{"rules": [...]}`; a rule names the actions that it is about, whom it is about (`when`,
`unless`), and its effect. Actions are those of services ("wallet.transfer") and of endpoints
("wallets.TransferView.post"); "wallet.*" is all of a module, "*" is all. Policies only restrict: there is
no effect "allow".
"""

from typing import Any

from jsonschema import Draft202012Validator

from governance.constants import Effect, Level
from ogc.errors import ValidationFailed

_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"}
_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 64}, "uniqueItems": True}
_PEOPLE = {
    "type": "object",
    "properties": {"roles": _NAMES, "plans": _NAMES, "user_ids": _NAMES},
    "additionalProperties": False,
    "minProperties": 1,
}
_EXACT_ACTION = "^[a-z][a-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)+$"
_MODULE = "^[a-z][a-z0-9_]*\\.\\*$"
_ANY_ACTION = "^(\\*|[a-z][a-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)*(\\.\\*)?)$"
_ACTION_PATTERNS = {Level.MODULE: _MODULE, Level.ACTION: _EXACT_ACTION}


def document_schema(level: str) -> dict[str, Any]:
    """The JSON Schema of documents of one level.

    Module rules name whole modules, action rules single actions; plan rules say for which plans, account
    rules for whom, and flag rules which flag must be on.
    """
    actions = {"type": "string", "maxLength": 64, "pattern": _ACTION_PATTERNS.get(Level(level), _ANY_ACTION)}
    required = {Level.PLAN: ["when"], Level.ACCOUNT: ["when"], Level.FLAG: ["flag"]}.get(Level(level), [])
    when = dict(_PEOPLE, required=["plans"]) if level == Level.PLAN else _PEOPLE
    properties: dict[str, Any] = {
        "id": _NAME,
        "effect": {"enum": Effect.values},
        "actions": {"type": "array", "items": actions, "minItems": 1, "maxItems": 100, "uniqueItems": True},
        "when": when,
        "unless": _PEOPLE,
        "explanation": {"type": "string", "minLength": 1, "maxLength": 300},
    }
    if level == Level.FLAG:
        properties["flag"] = _NAME
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Policy document of level {level}",
        "type": "object",
        "properties": {
            "rules": {
                "type": "array",
                "minItems": 1,
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "properties": properties,
                    "required": ["id", "effect", "actions", "explanation", *required],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["rules"],
        "additionalProperties": False,
    }


SCHEMAS = {level: document_schema(level) for level in Level.values}
_VALIDATORS = {level: Draft202012Validator(schema) for level, schema in SCHEMAS.items()}


def check_document(level: str, document: Any) -> None:
    """Whether this may be the document of a policy of that level.

    Raises:
        ValidationFailed: with the path of each problem; also for an unknown level and doubled rule ids.
    """
    if level not in _VALIDATORS:
        raise ValidationFailed({"level": [("invalid_choice", f"One of {', '.join(Level.values)}.")]})
    problems: dict[str, list[tuple[str, str]]] = {}
    for error in _VALIDATORS[level].iter_errors(document):
        path = ".".join(["document", *map(str, error.absolute_path)])
        problems.setdefault(path, []).append(("invalid", error.message[:300]))
    if not problems:
        ids = [rule["id"] for rule in document["rules"]]
        if len(ids) != len(set(ids)):
            problems["document.rules"] = [("unique", "Each rule has an id of its own.")]
    if problems:
        raise ValidationFailed(problems)
