"""Strict fields: exactly one JSON type each, never a silent conversion, the same code whatever is sent."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ogc.models import DomainEvent
from tests.api_client import error_code

GOOD_ID = "0190163d-8694-739b-aea5-966c26f8ad91"
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
LONE_SURROGATE = '"\\ud83d"'

ACCEPTED = [
    ("text", "  ab ", "ab"),
    ("text", "日本語テキスト", "日本語テキスト"),
    ("text", "😀😀", "😀😀"),
    ("note", "a\n\tb", "a\n\tb"),
    ("note", "", ""),
    ("code", "ABCD", "ABCD"),
    ("number", -5, "-5"),
    ("number", 0, "0"),
    ("big", 2**63 - 1, str(2**63 - 1)),
    ("flag", False, "False"),
    ("amount", "0.000000001", "1"),
    ("change", "-12.5", "-12500000000"),
    ("id", GOOD_ID, GOOD_ID),
    ("email", "Ada@Example.ORG", "ada@example.org"),
    ("at", "2026-01-31T12:00:00+01:30", "2026-01-31 10:30:00+00:00"),
    ("at", "2026-01-31T12:00:00.123456Z", "2026-01-31 12:00:00.123456+00:00"),
    ("choice", "red", "red"),
    ("address", ADDRESS, ADDRESS),
    ("address", ADDRESS.lower(), ADDRESS),
    ("address", "0x" + ADDRESS[2:].upper(), ADDRESS),
    ("address", ADDRESS.upper(), ADDRESS),
    ("data", {"a": {"b": 1}}, "{'a': {'b': 1}}"),
    ("items", [1, 9], "[1, 9]"),
    ("items", [], "[]"),
]


@pytest.mark.parametrize(("field", "value", "shown"), ACCEPTED, ids=repr)
def test_takes_the_right_values(small_api, field, value, shown):
    response = small_api.post("/echo", json.dumps({field: value}).encode())
    assert response.status_code == 200, response.content
    assert response.json()["values"] == {field: shown}


REFUSED = [
    *(("text", bad, "invalid") for bad in (1, 1.5, True, ["ab"], {"a": "b"})),
    ("text", "a", "short"),
    ("text", "   ", "blank"),
    ("text", "", "blank"),
    ("text", "a" * 11, "long"),
    *(
        ("text", f"ab{c}", "characters")
        for c in "\x00\x01\x08\x0b\x1b\x7f\u2028\u2029\ufeff\u202e\u2066\n\r\t"
    ),
    ("note", "a\x00", "characters"),
    ("note", "a" * 21, "long"),
    ("code", "ABC", "form"),
    ("code", "abcd", "form"),
    ("code", "ABCDE", "long"),
    *(("number", bad, "invalid") for bad in ("1", 1.0, True, [1], {}, 10**30, -(10**30), "")),
    *(("number", bad, "bounds") for bad in (-6, 6, 2**63, 2**64 - 1)),
    ("big", 2**63, "bounds"),
    *(("flag", bad, "invalid") for bad in ("true", 1, 0, "", [True], {})),
    *(("id", bad, "invalid") for bad in (1, "1", GOOD_ID.upper(), f"{GOOD_ID} ", [GOOD_ID], {}, "", True)),
    *(
        ("email", bad, "invalid")
        for bad in (
            1,
            "a",
            "a@",
            "@b.c",
            "a b@c.de",
            " a@b.cd",
            "a@b.cd\n",
            "é@b.cd",
            "a@" + "b" * 260,
            [],
            {},
        )
    ),
    *(
        ("at", bad, "invalid")
        for bad in (
            1700000000,
            "2026-01-31",
            "2026-01-31T12:00:00",
            "2026-01-31 12:00:00Z",
            "2026-02-30T12:00:00Z",
            "2026-01-31T25:00:00Z",
            "1999-12-31T23:59:59Z",
            "2101-01-01T00:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "2026-01-31T12:00:00.1234567Z",
            "2026-01-31T12:00:00+99:99",
            "now",
            "",
            [],
            {},
        )
    ),
    *(("choice", bad, "invalid") for bad in ("green", "Red", "", 1, ["red"], {"red": 1}, True)),
    *(
        ("address", bad, "invalid")
        for bad in (
            ADDRESS[:-1],
            ADDRESS[2:],
            ADDRESS.swapcase(),
            ADDRESS[:-1] + "D",
            "",
            1,
            [],
            {},
        )
    ),
    *(("data", bad, "invalid") for bad in ("{}", 1, [], [{}], True)),
    ("data", {"a": {"b": {"c": 1}}}, "size"),
    ("data", {str(n): n for n in range(6)}, "size"),
    *(("items", bad, "not_a_list") for bad in ("12", {"0": 1}, 1, True)),
    ("items", [1, 2, 3, 4], "max_length"),
]


@pytest.mark.parametrize(("field", "value", "code"), REFUSED, ids=repr)
def test_refuses_everything_else_by_name_and_code(small_api, field, value, code):
    response = small_api.post("/echo", json.dumps({field: value}).encode())
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    details = response.json()["error"]["details"]
    assert {name: [problem["code"] for problem in problems] for name, problems in details.items()} == {
        field: [code]
    }
    assert all(problem["message"] for problem in details[field])


@pytest.mark.parametrize(
    "field", ["text", "number", "flag", "id", "email", "at", "choice", "address", "data", "items"]
)
def test_null_is_no_value(small_api, field):
    response = small_api.post("/echo", {field: None})
    assert error_code(response) == "VALIDATION_ERROR"
    assert response.json()["error"]["details"][field][0]["code"] == "null"


BAD_AMOUNTS = [None, 1, 1.5, True, "0", "1e3", "NaN", [], {}, "", "1.0000000001", 10**30]


@pytest.mark.parametrize(
    ("field", "value"),
    [*(("amount", bad) for bad in [*BAD_AMOUNTS, "-1"]), *(("change", bad) for bad in [*BAD_AMOUNTS, "--1"])],
    ids=repr,
)
def test_each_bad_amount_is_invalid_amount(small_api, field, value):
    response = small_api.post("/echo", json.dumps({field: value}).encode())
    assert (response.status_code, error_code(response)) == (400, "INVALID_AMOUNT")


def test_an_item_of_a_list_is_named_by_its_place(small_api):
    response = small_api.post("/echo", {"items": [1, "2", 10]})
    assert {name: problems[0]["code"] for name, problems in response.json()["error"]["details"].items()} == {
        "items.1": "invalid",
        "items.2": "bounds",
    }


def test_several_fields_are_told_at_once(small_api):
    response = small_api.post("/echo", {"text": 1, "number": "x", "flag": 3})
    assert set(response.json()["error"]["details"]) == {"text", "number", "flag"}


def test_unknown_fields_are_refused_by_name(small_api):
    response = small_api.post("/echo", {"text": "ab", "is_staff": True, "<b>": 1})
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert response.json()["error"]["details"] == {
        name: [{"code": "unknown", "message": "This field is not known."}] for name in ("is_staff", "<b>")
    }


@pytest.mark.parametrize("text", [LONE_SURROGATE, '"\\udc00\\ud83d"'])
@pytest.mark.parametrize("field", ["text", "note", "data", "id"])
def test_half_a_surrogate_pair_is_no_text(small_api, field, text):
    value = f'{{"a": {text}}}' if field == "data" else text
    response = small_api.post("/echo", f'{{"{field}": {value}}}'.encode())
    assert response.status_code == 400
    assert error_code(response) in {"MALFORMED_JSON", "VALIDATION_ERROR"}


QUERIES = [
    ("count=3", 200, {"count": 3}),
    ("count=03", 400, "invalid"),
    ("count=3.0", 400, "invalid"),
    ("count=%2B3", 400, "invalid"),
    ("count=10", 400, "bounds"),
    ("count=99999999999999999999999999", 400, "invalid"),
    ("count=%D9%A3", 400, "invalid"),
    ("deep=true", 200, {"deep": True}),
    ("deep=True", 400, "invalid"),
    ("deep=1", 400, "invalid"),
    ("name=a%00b", 400, "characters"),
    ("name=", 400, "blank"),
    ("utm_source=x", 200, {}),
]


@pytest.mark.parametrize(("query", "status", "expected"), QUERIES, ids=repr)
def test_query_strings_have_one_spelling_too(small_api, query, status, expected):
    response = small_api.get(f"/echo?{query}")
    assert response.status_code == status
    if status == 200:
        assert response.json() == expected
    else:
        (problems,) = response.json()["error"]["details"].values()
        assert [problem["code"] for problem in problems] == [expected]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    "text",
    "note",
    "code",
    "number",
    "big",
    "flag",
    "amount",
    "change",
    "id",
    "email",
    "at",
    "choice",
    "address",
    "data",
    "items",
    "unknown",
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5))
def test_whatever_json_comes_in_the_answer_is_200_or_a_named_refusal(small_api, body):
    response = small_api.post("/echo", json.dumps(body).encode())
    assert response.status_code in (200, 400), (body, response.content)
    if response.status_code == 400:
        assert error_code(response) in {"VALIDATION_ERROR", "INVALID_AMOUNT", "MALFORMED_JSON"}
    assert not DomainEvent.objects.exists()
