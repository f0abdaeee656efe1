"""Every answer: the envelope, ids, headers, and which client it thinks it talks to."""

import re

import pytest

from ogc import context
from ogc.api.responses import no_content
from ogc.middleware.platform import client_address
from ogc.models import DomainEvent
from tests.api_client import error_code

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SECURITY_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Content-Security-Policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
}


def assert_envelope(response, status, code):
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    body = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message", "details"]
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert isinstance(body["error"]["details"], dict)
    assert response["X-Request-ID"]


def test_each_refusal_of_the_plumbing_has_the_envelope(small_api, signed_in):
    assert_envelope(small_api.get("/nowhere"), 404, "NOT_FOUND")
    assert_envelope(small_api.get("/api/v1/nowhere"), 404, "NOT_FOUND")
    assert_envelope(small_api.delete("/echo"), 405, "METHOD_NOT_ALLOWED")
    assert_envelope(small_api.post("/echo", b"{"), 400, "MALFORMED_JSON")
    assert_envelope(small_api.post("/echo", b"{}", content_type="text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")
    assert_envelope(small_api.post("/echo", b" " * 1_048_577), 413, "PAYLOAD_TOO_LARGE")
    assert_envelope(small_api.post("/work", {"label": "a"}), 401, "NOT_AUTHENTICATED")
    assert_envelope(small_api.with_token("x").get("/echo"), 401, "TOKEN_INVALID")
    assert_envelope(signed_in.post("/staff"), 403, "PERMISSION_DENIED")
    assert_envelope(signed_in.post("/work", {"label": "a"}), 422, "IDEMPOTENCY_KEY_REQUIRED")
    assert_envelope(small_api.get("/crash"), 500, "INTERNAL_ERROR")
    assert DomainEvent.objects.count() == 0


def test_a_401_names_the_scheme_and_is_not_cached(small_api):
    response = small_api.get("/optional")
    assert (response["WWW-Authenticate"], response["Cache-Control"]) == ("Bearer", "no-store")


def test_a_405_lists_what_the_path_takes(small_api):
    assert small_api.put("/echo", {})["Allow"] == "GET, POST, HEAD"
    assert small_api.delete("/optional")["Allow"] == "GET, POST, HEAD"
    assert small_api.post("/facts")["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "method", ["LIST", "PUBLISH", "OTHERS", "DISPATCH", "AS_VIEW", "TRACE", "FOO", "GET_", "X" * 500]
)
def test_invented_methods_reach_nothing(small_api, method):
    response = small_api.call(method, "/facts")
    assert (response.status_code, error_code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert DomainEvent.objects.count() == 0


def test_head_is_get_without_a_body(small_api, signed_in):
    assert small_api.call("HEAD", "/facts").status_code == 200
    assert small_api.call("HEAD", "/facts").content == b""
    assert small_api.call("HEAD", "/optional").status_code == 401
    assert signed_in.call("HEAD", "/optional").status_code == 200


def test_a_500_says_nothing_and_the_log_has_everything(small_api, caplog):
    response = small_api.get("/crash")
    assert response.json() == {
        "error": {"code": "INTERNAL_ERROR", "message": "Something went wrong on our side.", "details": {}}
    }
    (record,) = [r for r in caplog.records if r.message == "unexpected error"]
    assert record.exc_info[0] is RuntimeError


def test_an_unknown_path_has_the_envelope_with_debug_too(api, settings):
    settings.DEBUG = True
    for path in (
        "/api/v1/nowhere",
        "/nowhere",
        "/",
        "/api/v1/wallet/",
        "/api/v1//wallet",
        "/%00",
        "/api/v1/%ff",
    ):
        assert_envelope(api.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "a b", "", "testserver:99999x", "évil"]
)
def test_unknown_hosts_are_refused_before_anything_else(small_api, host):
    response = small_api.get("/facts", HTTP_HOST=host)
    assert_envelope(response, 400, "VALIDATION_ERROR")
    assert {name: response[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize(
    "path",
    [
        "/echo",
        "/nowhere",
        "/crash",
        "/facts?page_size=0",
        "/optional",
        "/api/v1/healthz",
        "/api/v1/schema",
        "/api/v1/metrics",
    ],
)
def test_security_headers_are_on_every_answer(small_api, path):
    response = small_api.get(path)
    assert {name: response[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_security_headers_are_on_admin_docs_static_preflight_and_redirect_too(api, settings):
    answers = {
        "admin": api.get("/admin/login/"),
        "redirect": api.get("/admin/"),
        "admin 404": api.get("/admin/nowhere/"),
        "docs": api.get("/api/v1/docs"),
        "static": api.get("/static/unfold/css/styles.css"),
        "preflight": api.call(
            "OPTIONS",
            "/api/v1/wallet",
            HTTP_ORIGIN="https://a.example",
            HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET",
        ),
    }
    for name, response in answers.items():
        for header, value in SECURITY_HEADERS.items():
            if header == "Content-Security-Policy":
                assert "frame-ancestors 'none'" in response[header], name
                assert "'unsafe-eval'" not in response[header] or name.startswith(("admin", "redirect")), name
            elif (name, header) != ("docs", "Cross-Origin-Opener-Policy"):  # Swagger UI opens log-in windows
                assert response[header] == value, (name, header)
        assert UUID7.fullmatch(response["X-Request-ID"]), name


@pytest.mark.parametrize(
    "given", ["7", "req-42", "abcdefgh", "trace-1.2_3", "A" * 64, "0190163d-8694-739b-aea5-966c26f8ad91"]
)
def test_a_well_formed_request_id_is_kept(small_api, given):
    assert small_api.get("/echo", headers={"x-request-id": given})["X-Request-ID"] == given
    assert small_api.get("/nowhere", headers={"x-request-id": given})["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "A" * 65,
        "has space",
        "a\tb-long-enough",
        "<script>alert",
        "émile-émile",
        "new\nline-new",
        "a;b=c,long",
    ],
)
def test_any_other_request_id_is_replaced(small_api, given):
    made = small_api.get("/echo", headers={"x-request-id": given})["X-Request-ID"]
    assert UUID7.fullmatch(made)


def test_the_context_ends_with_the_request(small_api):
    small_api.get("/crash", headers={"x-request-id": "request-1"})
    assert context.current() == context.RequestContext()


PROXIES = ["10.0.0.0/8", "fd00::/8"]
ADDRESSES = [
    ([], "203.0.113.9", "1.2.3.4", "203.0.113.9"),
    ([], "10.0.0.1", "1.2.3.4", "10.0.0.1"),
    (PROXIES, "203.0.113.9", "1.2.3.4", "203.0.113.9"),
    (PROXIES, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
    (PROXIES, "10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
    (PROXIES, "10.0.0.1", "6.6.6.6, 198.51.100.7, 10.2.2.2", "198.51.100.7"),
    (PROXIES, "10.0.0.1", "10.9.9.9, 198.51.100.7", "198.51.100.7"),
    (PROXIES, "10.0.0.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"),
    (PROXIES, "10.0.0.1", "", "10.0.0.1"),
    (PROXIES, "10.0.0.1", " , ,", "10.0.0.1"),
    (PROXIES, "10.0.0.1", "198.51.100.7, garbage", "10.0.0.1"),
    (PROXIES, "10.0.0.1", "198.51.100.7, 1.2.3.4:8080", "10.0.0.1"),
    (PROXIES, "10.0.0.1", "<script>", "10.0.0.1"),
    (PROXIES, "fd00::1", "2001:db8::7", "2001:db8::7"),
    (PROXIES, "", "1.2.3.4", ""),
    (PROXIES, "unix:", "1.2.3.4", "unix:"),
]


@pytest.mark.parametrize(("trusted", "peer", "forwarded", "client"), ADDRESSES)
def test_only_trusted_proxies_say_who_the_client_is(settings, trusted, peer, forwarded, client):
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = [ip_network(text) for text in trusted]
    assert client_address(peer, forwarded) == client


def test_cors_answers_listed_origins_only(small_api, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    response = small_api.get("/echo", HTTP_ORIGIN="https://app.example")
    assert response["Access-Control-Allow-Origin"] == "https://app.example"
    assert response["Access-Control-Allow-Credentials"] == "true"
    assert "ratelimit-remaining" in response["Access-Control-Expose-Headers"]
    assert "origin" in response["Vary"].lower()
    for origin in ("https://evil.example", "http://app.example", "https://app.example.evil.example", "null"):
        assert "Access-Control-Allow-Origin" not in small_api.get("/echo", HTTP_ORIGIN=origin)


def test_a_preflight_names_what_may_be_sent(small_api, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    response = small_api.call(
        "OPTIONS",
        "/work",
        HTTP_ORIGIN="https://app.example",
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="idempotency-key, authorization",
    )
    assert response.status_code == 200
    allowed = {name.strip() for name in response["Access-Control-Allow-Headers"].split(",")}
    assert allowed == {"authorization", "content-type", "idempotency-key", "x-request-id", "last-event-id"}


def test_the_missing_scope_is_named_and_any_of_several_is_enough(small_api, user):
    response = small_api.as_user(user).post("/staff")
    assert response.json()["error"]["details"]["scope"] == "audit.read"
    for scope in ("audit.read", "wallet.adjust"):
        caller = small_api.as_user(user, scopes={"self", scope}, roles={"user", "finance"})
        assert caller.post("/staff").status_code == 204
    assert DomainEvent.objects.count() == 2


def test_answers_with_personal_data_are_not_stored(signed_in):
    assert signed_in.post("/optional", {"label": "a"})["Cache-Control"] == "no-store"
    assert signed_in.post("/optional", {"label": 1})["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "accept", ["text/csv", "*/*", "application/json", "text/html", "x", "a/b;q=x", "", "," * 100]
)
def test_an_accept_header_never_breaks_an_answer(small_api, accept):
    for path in ("/echo", "/api/v1/schema", "/api/v1/docs", "/api/v1/healthz"):
        assert small_api.get(path, headers={"accept": accept}).status_code == 200, path


@pytest.mark.parametrize("status", [202, 204])
def test_an_answer_without_a_body_names_no_type_of_one(status):
    answer = no_content(status)
    assert (answer.status_code, answer.content) == (status, b"")
    assert "Content-Type" not in answer


@pytest.mark.django_db
def test_what_says_nothing_of_accounts_names_no_type_either(api):
    answer = api.post("auth/forgot-password", {"email": "nobody@example.org"})
    assert (answer.status_code, answer.content) == (202, b"")
    assert "Content-Type" not in answer
