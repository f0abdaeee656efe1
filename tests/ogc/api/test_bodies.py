"""Bodies: JSON objects of a bounded size, and nothing else."""

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ogc.models import DomainEvent, IdempotencyRecord
from tests.api_client import error_code

MALFORMED = [
    b"{",
    b"}",
    b"{'text': 'ab'}",
    b'{"text": "ab",}',
    b'{"text": NaN}',
    b'{"number": Infinity}',
    b'{"number": 1e400}',
    b'{"text": "\x01"}',
    b'{"text": "\xff\xfe"}',
    b"\xef\xbb\xbf{}",
    '{"text": "ab"}'.encode("utf-16"),
    b"undefined",
    b'{"a": 1} {"b": 2}',
    b'{"number": 01}',
    b"//",
    b"\x00",
    b'{"text": "ab"',
    b"[" * 5000 + b"]" * 5000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    gzip.compress(b"{}", mtime=0),
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:20]))
def test_what_is_no_json_is_malformed(small_api, body):
    response = small_api.post("/echo", body)
    assert (response.status_code, error_code(response)) == (400, "MALFORMED_JSON")
    assert response.json()["error"]["details"] == {}


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true", b'[{"text": "ab"}]'])
def test_json_that_is_no_object_is_refused(small_api, body):
    response = small_api.post("/echo", body)
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert response.json()["error"]["details"]["body"][0]["code"] == "invalid"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
        "json",
        "application/json-patch+json",
        "application/jsonx",
    ],
)
def test_other_content_types_are_unsupported(small_api, content_type):
    response = small_api.post("/echo", b'{"text": "ab"}', content_type=content_type)
    assert (response.status_code, error_code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON ;x"]
)
def test_json_is_json_in_any_spelling(small_api, content_type):
    assert small_api.post("/echo", b'{"text": "ab"}', content_type=content_type).status_code == 200


def test_an_empty_body_is_an_empty_object(small_api):
    response = small_api.post("/echo")
    assert (response.status_code, response.json()["values"]) == (200, {})


def test_a_body_over_one_mebibyte_is_too_large(small_api):
    fits = b'{"unknown": "' + b"a" * (1_048_576 - 16) + b'"}'
    assert error_code(small_api.post("/echo", fits)) == "VALIDATION_ERROR"
    response = small_api.post("/echo", fits + b" " * 20)
    assert (response.status_code, error_code(response)) == (413, "PAYLOAD_TOO_LARGE")


def test_deep_but_valid_json_is_refused_by_its_field(small_api):
    deep = b'{"data": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}"
    response = small_api.post("/echo", deep)
    assert response.status_code == 400
    assert response.json()["error"]["details"]["data"][0]["code"] == "size"


def test_a_call_that_takes_no_body_refuses_one(small_api, signed_in):
    response = signed_in.post("/staff", {"user_id": 1})
    assert error_code(response) == "PERMISSION_DENIED"
    response = signed_in.post("/confirm", {"confirm": True, "force": True})
    assert error_code(response) == "VALIDATION_ERROR"
    assert response.json()["error"]["details"]["force"][0]["code"] == "unknown"
    assert DomainEvent.objects.count() == 0


@pytest.mark.parametrize("body", [None, {}, {"confirm": False}])
def test_what_cannot_be_undone_wants_a_confirmation(signed_in, body):
    response = signed_in.post("/confirm", body)
    assert (response.status_code, error_code(response)) == (400, "CONFIRMATION_REQUIRED")
    assert DomainEvent.objects.count() == 0


@pytest.mark.parametrize("confirm", ["true", 1, "yes", None, [True], {}])
def test_a_confirmation_is_true_and_nothing_like_it(signed_in, confirm):
    for path in ("/confirm", "/sometimes"):
        response = signed_in.post(path, {"confirm": confirm})
        assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
        assert response.json()["error"]["details"]["confirm"][0]["code"] == "invalid"
    assert DomainEvent.objects.count() == 0


def test_a_confirmed_call_is_done(signed_in):
    assert signed_in.post("/confirm", {"confirm": True}).status_code == 204
    assert DomainEvent.objects.count() == 1


def test_a_dry_run_needs_no_confirmation(signed_in):
    assert signed_in.post("/sometimes", {"dry_run": True}).status_code == 201
    assert error_code(signed_in.post("/sometimes", {"dry_run": False})) == "CONFIRMATION_REQUIRED"
    assert signed_in.post("/sometimes", {"dry_run": False, "confirm": True}).status_code == 201
    assert DomainEvent.objects.count() == 2


def form(text, file=None):
    parts = [f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n']
    if file is not None:
        head = f'Content-Disposition: form-data; name="file"; filename="{file.name}"'
        parts.append(f"--x\r\n{head}\r\n\r\n{file.read().decode()}\r\n")
    return ("".join(parts) + "--x--\r\n").encode()


def test_a_form_is_taken_where_it_is_declared_and_no_key_is_kept_for_it(signed_in):
    body = form("ab", SimpleUploadedFile("a.txt", b"hello"))
    response = signed_in.post("/upload", body, content_type="multipart/form-data; boundary=x", key="k1")
    assert response.status_code == 201, response.content
    assert IdempotencyRecord.objects.count() == 0


def test_a_call_that_needs_a_key_needs_it_whatever_the_content_type_says(signed_in):
    for content_type in ("multipart/form-data; boundary=x", "Multipart/Form-Data; boundary=x"):
        response = signed_in.post("/work", b"", content_type=content_type)
        assert (response.status_code, error_code(response)) == (422, "IDEMPOTENCY_KEY_REQUIRED")


def test_a_broken_form_is_refused(signed_in):
    for body, content_type in (
        (b"--x\r\nrubbish", "multipart/form-data"),
        (b"rubbish", "multipart/form-data; boundary=\xff"),
        (form("toolong"), "multipart/form-data; boundary=x"),
        (form("ab"), "Multipart/Form-Data; boundary=x"),
        (b"", "multipart/form-data; boundary=x"),
    ):
        response = signed_in.post("/upload", body, content_type=content_type)
        assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert DomainEvent.objects.count() == 0


def test_a_form_with_too_many_fields_is_too_large(signed_in):
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % n for n in range(1001)
    )
    response = signed_in.post("/upload", body + b"--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert (response.status_code, error_code(response)) == (413, "PAYLOAD_TOO_LARGE")


def test_a_query_with_too_many_fields_is_too_large(small_api):
    response = small_api.get("/echo?" + "&".join(f"f{n}=1" for n in range(1001)))
    assert (response.status_code, error_code(response)) == (413, "PAYLOAD_TOO_LARGE")
