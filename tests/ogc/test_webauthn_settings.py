"""Where passkeys may be used, as the environment says or PUBLIC_URL implies."""

import pytest
from pydantic import ValidationError

from ogc.settings.environment import Environment

KEYS = ("PUBLIC_URL", "PORT", "WEBAUTHN_RP_ID", "WEBAUTHN_ORIGINS")


def environment(monkeypatch, **values):
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Environment(_env_file=None)


@pytest.mark.parametrize(
    "values, rp_id, origins",
    [
        ({}, "localhost", ["http://localhost:8000"]),
        ({"PORT": "9000"}, "localhost", ["http://localhost:9000"]),
        ({"PUBLIC_URL": "http://127.0.0.1:8123/"}, "localhost", ["http://localhost:8123"]),
        ({"PUBLIC_URL": "http://[::1]:8123"}, "localhost", ["http://localhost:8123"]),
        ({"PUBLIC_URL": "http://localhost:8123"}, "localhost", ["http://localhost:8123"]),
        ({"PUBLIC_URL": "https://API.Example.org"}, "api.example.org", ["https://api.example.org"]),
        ({"PUBLIC_URL": "https://example.org:443/"}, "example.org", ["https://example.org"]),
        ({"PUBLIC_URL": "https://example.org:8443"}, "example.org", ["https://example.org:8443"]),
        (
            {
                "PUBLIC_URL": "https://api.example.org",
                "WEBAUTHN_RP_ID": "example.org",
                "WEBAUTHN_ORIGINS": f"https://app.example.org, android:apk-key-hash:{'a' * 43}",
            },
            "example.org",
            ["https://app.example.org", f"android:apk-key-hash:{'a' * 43}"],
        ),
    ],
)
def test_the_defaults_follow_from_the_public_url(monkeypatch, values, rp_id, origins):
    env = environment(monkeypatch, **values)
    assert (env.webauthn_rp_id, env.webauthn_origins) == (rp_id, origins)


@pytest.mark.parametrize(
    "rp_id", ["127.0.0.1", "https://example.org", "Example.org", "example.org:8000", "a..b"]
)
def test_an_rp_id_is_a_host_name(monkeypatch, rp_id):
    with pytest.raises(ValidationError, match="WEBAUTHN_RP_ID"):
        environment(monkeypatch, WEBAUTHN_RP_ID=rp_id)


@pytest.mark.parametrize(
    "origin",
    [
        "http://app.example.org",
        "https://app.example.org/",
        "https://app.example.org/login",
        "https://example.com",
        "https://notexample.org",
        "https://example.org:443",
        "https://App.example.org",
        "https://a@example.org",
        "app.example.org",
        "*",
        "null",
        "https://example.org:port",
        "android:apk-key-hash:short",
    ],
)
def test_origins_that_no_browser_lets_use_these_passkeys_stop_the_start(monkeypatch, origin):
    with pytest.raises(ValidationError):
        environment(monkeypatch, WEBAUTHN_RP_ID="example.org", WEBAUTHN_ORIGINS=origin)
