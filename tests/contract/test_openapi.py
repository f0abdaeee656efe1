"""The OpenAPI document: valid, whole, without warnings, and every operation says what a client needs."""

import re
from functools import cache

import yaml
from django.urls import URLPattern, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from ogc.api.endpoint import Idempotency
from ogc.api.errors import STATUS
from ogc.api.serializers import StrictSerializer
from ogc.api.views import ApiView
from ogc.errors import DomainError

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document():
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


@cache
def operations():
    return {
        (method.upper(), path): operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def walk(patterns, prefix=""):
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield here, pattern.callback
        else:
            yield from walk(pattern.url_patterns, here)


@cache
def declared():
    """(METHOD, path as in the document) → (view class, endpoint)."""
    found = {}
    for route, callback in walk(get_resolver().url_patterns):
        view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
        if view is None or not issubclass(view, ApiView):
            continue
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        actions = getattr(callback, "actions", None) or {method: method for method in METHODS}
        for method, name in actions.items():
            endpoint = getattr(getattr(view, name, None), "endpoint", None)
            if endpoint is not None and method in METHODS:
                found[method.upper(), path] = endpoint
    return found


def errors_by_code():
    """Code → the statuses that it comes with; one, but for a wrong password (401 at the door, 400 inside)."""
    found, waiting = {}, [DomainError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if not error.__module__.startswith("tests."):
            found.setdefault(error.code, set()).add(str(STATUS[error.kind]))
    return found


def resolve(schema):
    while "$ref" in schema:
        kind, name = schema["$ref"].split("/")[-2:]
        schema = document()["components"][kind][name]
    return schema


def test_it_is_a_valid_3_1_document_and_made_without_warnings():
    validate_schema(document())
    assert document()["openapi"] == "3.1.0"
    assert not GENERATOR_STATS
    yaml.safe_load(yaml.safe_dump(document()))


def test_it_has_every_declared_endpoint_and_nothing_else():
    assert set(operations()) == set(declared())
    assert len(operations()) > 60


def test_each_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for operation in operations().values()]
    assert len(names) == len(set(names))


def test_each_operation_has_a_summary_tags_and_a_description():
    for key, operation in operations().items():
        assert 3 <= len(operation["summary"]) <= 80, key
        assert operation["tags"], key
        assert re.search(r"^(Scope: [a-z_.]+( or [a-z_.]+)*\.|Public\.)$", operation["description"], re.M), (
            key
        )


def test_each_operation_says_which_scope_it_needs_and_how_to_sign_in():
    for key, endpoint in declared().items():
        operation = operations()[key]
        if endpoint.is_public:
            assert "Public." in operation["description"], key
            assert not operation.get("security"), key
        else:
            assert f"Scope: {' or '.join(endpoint.scopes)}." in operation["description"], key
            assert operation["security"] == [{"bearer": []}], key


def test_each_operation_lists_its_error_codes_under_their_statuses():
    known = errors_by_code()
    for key, operation in operations().items():
        listed = re.search(r"^Error codes: (.+)\.$", operation["description"], re.M)[1].split(", ")
        for code in listed:
            statuses = known[code] & operation["responses"].keys()
            answers = [resolve(operation["responses"][status]) for status in statuses]
            schemas = [answer["content"]["application/json"]["schema"] for answer in answers]
            if schemas == [{"$ref": "#/components/schemas/ErrorOut"}] * len(schemas):
                assert any(code in answer["description"].split(", ") for answer in answers), (key, code)


def test_each_operation_documents_what_the_plumbing_answers():
    for (method, path), endpoint in declared().items():
        statuses = set(operations()[method, path]["responses"])
        wanted = (
            {"503"}
            | ({"401", "403"} if not endpoint.is_public else set())
            | ({"429"} if endpoint.rate else set())
        )
        if method != "GET":
            wanted |= {"400", "413", "415"}
        if "{" in path:
            wanted |= {"404"}
        if endpoint.idempotency is Idempotency.REQUIRED and method == "POST":
            wanted |= {"409", "422"}
        assert wanted <= statuses, (method, path, wanted - statuses)


def test_a_key_is_asked_for_exactly_where_it_means_something():
    for (method, path), endpoint in declared().items():
        parameters = operations()[method, path].get("parameters", [])
        keys = [p.get("required", False) for p in parameters if p["name"] == "Idempotency-Key"]
        if method != "POST" or endpoint.is_public or endpoint.idempotency is Idempotency.IGNORED:
            assert keys == [], (method, path)
        else:
            # A dry run of the same call needs no key.
            needed = endpoint.idempotency is Idempotency.REQUIRED and not endpoint.dry_run
            assert keys == [needed], (method, path)


def examples(content):
    return [example["value"] for example in content.get("examples", {}).values()]


def test_each_operation_has_an_example_of_every_body():
    for key, operation in operations().items():
        bodies = list(operation.get("requestBody", {}).get("content", {}).values())
        answers = [
            content
            for status, answer in operation["responses"].items()
            if status < "300"
            for content in answer.get("content", {}).values()
        ]
        for content in bodies + answers:
            assert examples(content), key


def schema_of(schema):
    return {**schema, "components": document()["components"]}


def test_each_example_of_a_body_is_right_by_its_own_schema():
    for key, operation in operations().items():
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            for example in examples(content) if kind == "application/json" else []:
                problems = [
                    e.message for e in Draft202012Validator(schema_of(content["schema"])).iter_errors(example)
                ]
                assert problems == [], (key, example)


def test_bodies_refuse_unknown_fields_in_the_document_too():
    for key, endpoint in declared().items():
        if endpoint.request and issubclass(endpoint.request, StrictSerializer):
            for content in operations()[key]["requestBody"]["content"].values():
                assert resolve(content["schema"])["additionalProperties"] is False, key


def test_what_must_be_confirmed_shows_the_field():
    confirmed = [key for key, endpoint in declared().items() if endpoint.confirm]
    assert confirmed
    for key in confirmed:
        schema = resolve(operations()[key]["requestBody"]["content"]["application/json"]["schema"])
        assert schema["properties"]["confirm"] == {"type": "boolean"}, key


BESIDE_THE_PAGE = {("GET", "/api/v1/wallet/balance-at"): {"at", "balances", "account"}}
"""What some lists answer beside their rows: the balance that these explain."""


def test_lists_name_their_paging():
    for key, endpoint in declared().items():
        if endpoint.paged:
            names = {p["name"] for p in operations()[key]["parameters"]}
            assert {"page_size", "cursor"} <= names, key
            assert "CURSOR_INVALID" in operations()[key]["description"], key
            content = operations()[key]["responses"]["200"]["content"]["application/json"]
            shown = {"results", "next", "previous"} | BESIDE_THE_PAGE.get(key, set())
            assert shown == resolve(content["schema"])["properties"].keys(), key
