"""Last touches on the OpenAPI document."""

from typing import Any

import orjson

HTTP_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options", "trace"})


def share_error_answers(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Name each distinct error answer once under `components` and refer to it from the operations."""
    names: dict[bytes, str] = {}
    shared: dict[str, Any] = result.setdefault("components", {}).setdefault("responses", {})
    for path in result["paths"].values():
        for method, operation in path.items():
            answers = operation["responses"] if method in HTTP_METHODS else {}
            for status, answer in answers.items():
                if int(status) >= 400:
                    name = names.setdefault(orjson.dumps(answer), f"Error{status}_{len(names) + 1}")
                    shared[name] = answer
                    answers[status] = {"$ref": f"#/components/responses/{name}"}
    return result
