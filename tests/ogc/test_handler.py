"""What a WSGI server hands over: no charset of the client's breaks a request."""

import pytest
from django.test import RequestFactory

from ogc.handler import PlatformHandler

pytestmark = pytest.mark.django_db

KINDS = ("application/json", "text/plain", "multipart/form-data; boundary=BB")
PARAMETERS = (
    *("charset=rot13", "charset=hex", "charset=undefined", "charset=idna", "charset=punycode", "charset=no"),
    *("charset*=undefined''x", "charset*=no''%ff", "boundary*=rot13''BB", "x*=hex''x", "charset*"),
)


def status(method: str, path: str, content_type: str) -> int:
    answered: list[str] = []
    environ = RequestFactory().generic(method, path, b"{}" if method == "POST" else b"").environ
    environ["CONTENT_TYPE"] = content_type
    body = PlatformHandler()(environ, lambda line, headers, *_: answered.append(line))
    body.close()
    return int(answered[0].split()[0])


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_no_charset_of_a_client_breaks_a_request(parameter: str) -> None:
    for kind in KINDS:
        content_type = f"{kind}; {parameter}"
        assert status("GET", "/api/v1/challenges?search=a%20b%ff", content_type) == 200
        assert status("GET", "/admin/login/?next=%2fx", content_type) == 200
        expected = 400 if kind == KINDS[0] else 415
        assert status("POST", "/api/v1/auth/login", content_type) == expected
