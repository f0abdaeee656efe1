"""The environment: a wrong value stops the start with its name; `.env.example` lists what there is."""

import base64
import os
import re
import subprocess
import sys

import pytest

from ogc.settings.environment import LOCAL_SECRET_KEY, ROOT, Environment, base_units

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
KEY = base64.b64encode(b"k" * 32).decode()
WRONG = [
    ("DEBUG", "perhaps"),
    ("SECRET_KEY", "short"),
    ("SECRETS_KEYS", ""),
    ("SECRETS_KEYS", "not base64!"),
    ("SECRETS_KEYS", base64.b64encode(b"short").decode()),
    ("SECRETS_KEYS", f"{KEY},abc"),
    ("PORT", "0"),
    ("PORT", "70000"),
    ("PORT", "http"),
    ("PORT", ""),
    ("PUBLIC_URL", "example.org"),
    ("STREAM_URL", "ftp://x"),
    ("CORS_ORIGINS", "*"),
    ("CORS_ORIGINS", "https://a.example/path"),
    ("CORS_ORIGINS", "a.example"),
    ("TRUSTED_PROXIES", "10.0.0.0/99"),
    ("TRUSTED_PROXIES", "proxy"),
    ("METRICS_NETWORKS", "10.0.0.1/8"),
    ("LOG_LEVEL", "LOUD"),
    ("WEB_PROCESSES", "0"),
    ("WEB_THREADS", "65"),
    ("DATABASE_URL", "postgres://h/d"),
    ("DATABASE_URL", "mysql://host"),
    ("DATABASE_URL", "mysql:///name"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "mysql://h:port/n"),
    ("REDIS_URL", "localhost:6379"),
    ("REDIS_URL", "redis://h:99999/0"),
    ("EMAIL_URL", "mail.example.org"),
    ("ACCESS_TOKEN_SECONDS", "0"),
    ("REFRESH_TOKEN_DAYS", "-1"),
    ("TERMS_VERSION", "x" * 21),
    ("STEP_UP_WITHDRAWAL_FROM", "1e3"),
    ("RATE_LOGIN_ACCOUNT", "5"),
    ("RATE_LOGIN_IP", "0/m"),
    ("RATE_REGISTER", "ten per hour"),
    ("RATE_RESET", "5/y"),
    ("RATE_MONEY", "OFF"),
    ("RATE_INGEST", ""),
    ("RATE_DEFAULT", "1.5/m"),
    ("REWARD_HOLD_SECONDS", "-1"),
    ("MINING_HOLD_DAYS", "1.5"),
    ("OBJECTION_HOURS", "x"),
    ("ADJUST_APPROVAL_THRESHOLD", "-1"),
    ("DISTRIBUTE_APPROVAL_THRESHOLD", "500000001"),
    ("WITHDRAWAL_FEE", "0.0000000001"),
    ("WITHDRAWAL_LIMIT_PER_TX", ""),
    ("WITHDRAWAL_LIMIT_USER_DAY", "1,000"),
    ("WITHDRAWAL_LIMIT_PLATFORM_DAY", "NaN"),
    ("WITHDRAWAL_APPROVAL_THRESHOLD", "+1"),
    ("ADDRESS_WAIT_HOURS", "-1"),
    ("PAYOUT_DENY", "0x12"),
    ("PAYOUT_ALLOW", "everyone"),
    ("CHAIN_RPC_URLS", "ws://h"),
    ("CHAIN_RPC_URLS", "http://a,b"),
    ("CHAIN_ID", "0"),
    ("CHAIN_TOKEN_ADDRESS", "0x123"),
    ("CHAIN_VAULT_ADDRESS", "vault"),
    ("CHAIN_COLD_ADDRESS", "0x" + "g" * 40),
    ("CHAIN_COLD_ADDRESS", ADDRESS[:-1] + "D"),
    ("CHAIN_EXPLORER_URL", "polygonscan"),
    ("CHAIN_RPC_TIMEOUT_SECONDS", "0"),
    ("CHAIN_MAX_FINALITY_LAG_BLOCKS", "0"),
    ("CHAIN_MAX_FINALITY_LAG_SECONDS", "long"),
    ("HOT_WALLET_TARGET", "much"),
    ("GAS_ALARM", "-0.1"),
    ("GAS_ALARM", ""),
    ("DELIVERY_RETRY_SECONDS", "5,x"),
    ("DELIVERY_RETRY_SECONDS", ""),
    ("DELIVERY_RETRY_SECONDS", "-5"),
    ("ANALYTICS_ANONYMOUS", "2"),
    ("OGC_ADMIN_EMAIL", "root@example.org"),
    ("OGC_ADMIN_PASSWORD", "correct horse battery"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_stops_the_start_with_its_name(monkeypatch, capsys, name, value):
    from ogc.settings.environment import read_environment

    for other in ("OGC_ADMIN_EMAIL", "OGC_ADMIN_PASSWORD"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        read_environment()
    assert caught.value.code == 2
    shown = capsys.readouterr().err
    assert shown.startswith("The environment is not right:\n")
    assert name in shown
    if len(value) > 9:
        assert value not in shown, "a value may be a secret"


def test_all_wrong_values_are_named_at_once(monkeypatch, capsys):
    from ogc.settings.environment import read_environment

    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("GAS_ALARM", "x")
    with pytest.raises(SystemExit):
        read_environment()
    shown = capsys.readouterr().err
    assert "PORT" in shown
    assert "GAS_ALARM" in shown


def test_addresses_are_kept_with_their_checksum(monkeypatch):
    monkeypatch.setenv("CHAIN_COLD_ADDRESS", ADDRESS.lower())
    monkeypatch.setenv("PAYOUT_DENY", f"{ADDRESS.upper()},{ADDRESS.lower()}")
    environment = Environment()
    assert environment.CHAIN_COLD_ADDRESS == ADDRESS
    assert environment.PAYOUT_DENY == [ADDRESS, ADDRESS]


def test_lists_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("CORS_ORIGINS", " https://a.example , http://b.example:8080,")
    monkeypatch.setenv("DELIVERY_RETRY_SECONDS", "1,2")
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8")
    found = Environment()
    assert found.CORS_ORIGINS == ["https://a.example", "http://b.example:8080"]
    assert found.DELIVERY_RETRY_SECONDS == [1, 2]
    assert [str(network) for network in found.TRUSTED_PROXIES] == ["10.0.0.0/8", "fd00::/8"]


def test_an_amount_setting_is_ogc():
    assert (base_units("0"), base_units("0.5"), base_units("100")) == (0, 5 * 10**8, 10**11)
    with pytest.raises(ValueError, match="an amount of OGC"):
        base_units("0.0")


def test_the_example_lists_exactly_the_settings_there_are():
    text = (ROOT / ".env.example").read_text()
    listed = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.M)
    assert len(listed) == len(set(listed))
    assert set(listed) == set(Environment.model_fields)


def test_each_setting_says_what_it_is_for():
    assert [name for name, field in Environment.model_fields.items() if not field.description] == []


GOOD = {
    "DEBUG": "false",
    "SECRET_KEY": "x" * 40,
    "SECRETS_KEYS": KEY,
    "ALLOWED_HOSTS": "api.example.org",
    "CHAIN_KEYSTORE": "/etc/ogc/keystore.json",
    "DATABASE_URL": "mysql://u:p@db/ogc",
    "WEB_PROCESSES": "2",
}


def start_production(tmp_path, **changes):
    environment = {"PATH": os.environ["PATH"], "OGC_VAR": str(tmp_path), **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "-c", "import ogc.settings.production as s; print(s.DEBUG)"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_values_of_its_own(tmp_path):
    done = start_production(tmp_path)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("DEBUG", {"DEBUG": "true"}),
        ("SECRET_KEY", {"SECRET_KEY": LOCAL_SECRET_KEY}),
        (
            "SECRETS_KEYS",
            {"SECRETS_KEYS": f"{KEY},{base64.b64encode(b'only-for-a-local-run-of-platform').decode()}"},
        ),
        ("CHAIN_KEYSTORE", {"CHAIN_KEYSTORE": ""}),
        ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "api.example.org,*"}),
        ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": ".example.org"}),
        ("CORS_ORIGINS", {"CORS_ORIGINS": "https://*.example.org"}),
        ("WEB_PROCESSES", {"DATABASE_URL": ""}),
    ],
)
def test_production_refuses_what_is_for_a_local_run(tmp_path, name, changes):
    done = start_production(tmp_path, **changes)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Production refuses to start:\n"), done.stderr
    assert [line.split(":")[0].strip() for line in done.stderr.splitlines()[1:]] == [name]
