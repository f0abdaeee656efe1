"""The environment, read once and typed. A wrong or missing value stops the start with its name.

`.env.example` lists these settings; a test keeps the two together.
"""

import base64
import binascii
import re
import sys
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ogc.settings.webauthn import is_rp_id, origin_is_usable, origin_of, rp_id_of

ROOT = Path(__file__).resolve().parents[2]
LOCAL_SECRET_KEY = "insecure-and-only-for-a-local-run-of-the-platform"
LOCAL_SECRETS_KEY = base64.b64encode(b"only-for-a-local-run-of-platform").decode()

CommaList = Annotated[list[str], NoDecode]
Networks = Annotated[list[IPv4Network | IPv6Network], NoDecode]


class Environment(BaseSettings):
    """Every setting of the platform, with its default for the embedded local run."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", case_sensitive=True)

    # Running
    DEBUG: bool = Field(
        True, description="Local comforts: seeded people, faucet, clock; refused in production."
    )
    SECRET_KEY: str = Field(LOCAL_SECRET_KEY, min_length=32, description="Signs sessions and tokens.")
    SECRETS_KEYS: CommaList = Field(
        [LOCAL_SECRETS_KEY], description="Base64 keys of 32 bytes, newest first; encrypt secrets at rest."
    )
    OGC_VAR: Path = Field(ROOT / "var", description="Folder of everything that the local run writes.")
    HOST: str = Field("127.0.0.1", description="Address that web and stream listen on.")
    PORT: int = Field(8000, ge=1, le=65531, description="Web port; the stream takes the next one.")
    PUBLIC_URL: str = Field("", description="Where people reach the platform; default http://127.0.0.1:PORT.")
    STREAM_URL: str = Field(
        "", description="Where clients reach the event stream; default PUBLIC_URL's host, PORT+1."
    )
    ALLOWED_HOSTS: CommaList = Field(
        ["127.0.0.1", "localhost", "[::1]"], description="Hosts that are answered."
    )
    CORS_ORIGINS: CommaList = Field([], description="Origins of web clients that may call the API.")
    TRUSTED_PROXIES: Networks = Field([], description="Networks whose X-Forwarded-For is believed.")
    METRICS_NETWORKS: Networks = Field(
        [IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")], description="Networks that may read /metrics."
    )
    LOG_LEVEL: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged."
    )
    WEB_PROCESSES: int = Field(1, ge=1, le=64, description="Web processes; more than one needs MySQL.")
    WEB_THREADS: int = Field(4, ge=1, le=64, description="Threads of each web process.")

    # Services; empty means embedded
    DATABASE_URL: str = Field(
        "", description="mysql://user:password@host:port/name; empty: SQLite in OGC_VAR."
    )
    REDIS_URL: str = Field("", description="redis://host:port/db; empty: the embedded Valkey server.")
    EMAIL_URL: str = Field(
        "",
        description="smtp://, smtp+tls:// or smtps://user:password@host:port; empty: files in OGC_VAR/mail.",
    )
    EMAIL_FROM: str = Field("OGC NewFinity <no-reply@ogc.local>", description="Sender of all mail.")
    STRIPE_SECRET_KEY: str = Field("", description="Empty: card checkout is off.")
    STRIPE_WEBHOOK_SECRET: str = Field("", description="Signs Stripe's webhooks.")

    # Accounts
    OGC_ADMIN_EMAIL: str = Field("", description="Super admin that seed creates; needs the password too.")
    OGC_ADMIN_PASSWORD: str = Field("", description="Password of that super admin.")
    ACCESS_TOKEN_SECONDS: int = Field(900, ge=1, le=3600, description="Life of an access token.")
    REFRESH_TOKEN_DAYS: int = Field(30, ge=1, le=365, description="Life of a session without use.")
    TERMS_VERSION: str = Field("", max_length=20, description="Terms to be accepted; empty: nobody is asked.")
    WEBAUTHN_RP_ID: str = Field(
        "",
        description="Domain that passkeys are made for; empty: PUBLIC_URL's host, or localhost.",
    )
    WEBAUTHN_ORIGINS: CommaList = Field(
        [], description="Origins whose pages may use passkeys; empty: PUBLIC_URL's, or localhost's."
    )
    STEP_UP_WITHDRAWAL_FROM: str = Field(
        "100", description="OGC in 24 hours from which withdrawals need a step-up."
    )

    # Rate limits: count/period such as 10/h or 5/5m, or off
    RATE_LOGIN_ACCOUNT: str = Field("5/5m", description="Wrong passwords or codes per account or session.")
    RATE_LOGIN_IP: str = Field("20/5m", description="Failed logins per IP, in IPv6 per /64.")
    RATE_REGISTER: str = Field("10/h", description="Registrations per address.")
    RATE_RESET: str = Field("5/h", description="Password resets per e-mail address.")
    RATE_MONEY: str = Field("30/m", description="Money-moving calls per user.")
    RATE_INGEST: str = Field("600/m", description="Ingest calls per user.")
    RATE_DEFAULT: str = Field("300/m", description="Everything else per user, times the plan's factor.")

    # Money
    LAZY_CREDITS_PER_MINUTE: int = Field(
        60,
        ge=1,
        description="A wallet that takes more credits in a minute is credited without a lock from then on.",
    )
    REWARD_HOLD_SECONDS: int = Field(0, ge=0, description="How long a challenge reward stays pending.")
    MINING_HOLD_DAYS: int = Field(7, ge=0, description="How long mined tokens stay pending.")
    CHECKOUT_HOLD_SECONDS: int = Field(900, ge=1, description="How long a checkout holds tokens unsettled.")
    OBJECTION_HOURS: int = Field(0, ge=0, description="Wait between finalising and distributing.")
    ADJUST_APPROVAL_THRESHOLD: str = Field("100", description="OGC of one actor in 24 hours.")
    DISTRIBUTE_APPROVAL_THRESHOLD: str = Field("10000", description="OGC of one distribution.")
    TRANSFER_LIMIT_USER_HOUR: str = Field("100000", description="OGC that one user transfers in an hour.")
    TRANSFER_LIMIT_USER_DAY: str = Field("250000", description="OGC that one user transfers in a day.")
    TRANSFER_COUNT_USER_HOUR: int = Field(1500, ge=1, description="Transfers of one user in an hour.")
    TRANSFER_COUNT_USER_DAY: int = Field(10000, ge=1, description="Transfers of one user in a day.")
    WITHDRAWAL_FEE: str = Field("0", description="OGC held with each withdrawal and kept at settlement.")
    WITHDRAWAL_LIMIT_PER_TX: str = Field("10000", description="OGC.")
    WITHDRAWAL_LIMIT_USER_DAY: str = Field("20000", description="OGC.")
    WITHDRAWAL_LIMIT_PLATFORM_DAY: str = Field("1000000", description="OGC.")
    WITHDRAWAL_APPROVAL_THRESHOLD: str = Field("1000", description="OGC from which finance approves.")
    ADDRESS_WAIT_HOURS: int | None = Field(
        None, ge=0, description="Wait of a new address; default 24, with DEBUG 0."
    )
    PAYOUT_DENY: CommaList = Field([], description="Addresses that are never paid.")
    PAYOUT_ALLOW: CommaList = Field([], description="When set, the only addresses that are paid.")

    # Chain
    CHAIN_RPC_URLS: CommaList = Field(
        [], description="JSON-RPC endpoints, best first; empty: the local node."
    )
    CHAIN_ID: int = Field(31337, ge=1, description="31337 local, 137 Polygon PoS, 80002 Amoy.")
    CHAIN_TOKEN_ADDRESS: str = Field(
        "", description="ERC-20 contract; empty on the local node: deployed there."
    )
    CHAIN_VAULT_ADDRESS: str = Field(
        "", description="ERC-4626 contract; empty on the local node: deployed there."
    )
    CHAIN_COLD_ADDRESS: str = Field(
        "", description="Cold wallet; empty on the local node: a development account."
    )
    CHAIN_KEYSTORE: str = Field(
        "", description="Encrypted keystore file of the hot wallet; empty: development key."
    )
    CHAIN_KEYSTORE_PASSPHRASE: str = Field("", description="Opens the keystore.")
    CHAIN_EXPLORER_URL: str = Field(
        "", description="Prefix of transaction links, for example https://host/tx/."
    )
    CHAIN_RPC_TIMEOUT_SECONDS: float = Field(5.0, gt=0, le=60, description="Of one JSON-RPC call.")
    CHAIN_MAX_FINALITY_LAG_BLOCKS: int = Field(
        256, ge=1, description="Past this the breaker holds withdrawals."
    )
    CHAIN_MAX_FINALITY_LAG_SECONDS: int = Field(
        600, ge=1, description="Past this the breaker holds withdrawals."
    )
    CHAIN_WEBHOOK_SECRETS: CommaList = Field([], description="whsec_… secrets of chain webhooks; empty: 404.")
    HOT_WALLET_TARGET: str = Field("1000000", description="OGC that the hot wallet should hold.")
    GAS_ALARM: str = Field("0.1", description="Native coin below which new sends wait.")

    # Messages and analytics
    DELIVERY_RETRY_SECONDS: Annotated[list[int], NoDecode] = Field(
        [5, 30, 120], description="Waits between tries."
    )
    ANALYTICS_ANONYMOUS: bool = Field(False, description="Whether ingest takes events without a login.")

    @field_validator(
        "SECRETS_KEYS", "ALLOWED_HOSTS", "CORS_ORIGINS", "TRUSTED_PROXIES", "METRICS_NETWORKS", "PAYOUT_DENY",
        "PAYOUT_ALLOW", "CHAIN_RPC_URLS", "CHAIN_WEBHOOK_SECRETS", "DELIVERY_RETRY_SECONDS",
        "WEBAUTHN_ORIGINS", mode="before",
    )  # fmt: skip
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("SECRETS_KEYS")
    @classmethod
    def _are_keys(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError("at least one base64 key of 32 bytes")
        for key in value:
            try:
                if len(base64.b64decode(key, validate=True)) != 32:
                    raise ValueError("each key is base64 of 32 bytes")
            except binascii.Error:
                raise ValueError("each key is base64 of 32 bytes") from None
        return value

    @field_validator("RATE_LOGIN_ACCOUNT", "RATE_LOGIN_IP", "RATE_REGISTER", "RATE_RESET", "RATE_MONEY",
                     "RATE_INGEST", "RATE_DEFAULT")  # fmt: skip
    @classmethod
    def _is_rate(cls, value: str) -> str:
        from ogc.rates import parse_rate

        parse_rate(value)
        return value

    @field_validator(
        "STEP_UP_WITHDRAWAL_FROM", "ADJUST_APPROVAL_THRESHOLD", "DISTRIBUTE_APPROVAL_THRESHOLD",
        "TRANSFER_LIMIT_USER_HOUR", "TRANSFER_LIMIT_USER_DAY",
        "WITHDRAWAL_FEE", "WITHDRAWAL_LIMIT_PER_TX", "WITHDRAWAL_LIMIT_USER_DAY",
        "WITHDRAWAL_LIMIT_PLATFORM_DAY", "WITHDRAWAL_APPROVAL_THRESHOLD", "HOT_WALLET_TARGET",
    )  # fmt: skip
    @classmethod
    def _is_amount(cls, value: str) -> str:
        base_units(value)
        return value

    @field_validator("DATABASE_URL")
    @classmethod
    def _is_database(cls, value: str) -> str:
        message = "mysql://user:password@host:port/name, sqlite:///path, or empty"
        parts = _url(value, {"mysql", "sqlite", ""}, message)
        if value and (len(parts.path) < 2 or (parts.scheme == "mysql" and not parts.hostname)):
            raise ValueError(message)
        return value

    @field_validator("REDIS_URL", "EMAIL_URL", "PUBLIC_URL", "STREAM_URL", "CHAIN_EXPLORER_URL")
    @classmethod
    def _is_url(cls, value: str, info: ValidationInfo) -> str:
        schemes, message = _URLS[info.field_name or ""]
        if value and not _url(value, schemes, message).hostname:
            raise ValueError(message)
        return value

    @field_validator("CHAIN_RPC_URLS", "CORS_ORIGINS")
    @classmethod
    def _are_urls(cls, value: list[str], info: ValidationInfo) -> list[str]:
        for url in value:
            parts = _url(url, {"http", "https"}, "each is http(s)://host, separated by commas")
            if not parts.hostname or (info.field_name == "CORS_ORIGINS" and parts.path):
                raise ValueError("each is http(s)://host, separated by commas")
        return value

    @field_validator("CHAIN_TOKEN_ADDRESS", "CHAIN_VAULT_ADDRESS", "CHAIN_COLD_ADDRESS")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return _address(value) if value else value

    @field_validator("PAYOUT_DENY", "PAYOUT_ALLOW")
    @classmethod
    def _are_addresses(cls, value: list[str]) -> list[str]:
        return [_address(one) for one in value]

    @field_validator("GAS_ALARM")
    @classmethod
    def _is_coin(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,18})?", value, re.ASCII):
            raise ValueError("an amount of the native coin such as 0.1")
        return value

    @field_validator("DELIVERY_RETRY_SECONDS")
    @classmethod
    def _are_waits(cls, value: list[int]) -> list[int]:
        if not value or min(value) < 0:
            raise ValueError("seconds separated by commas, such as 5,30,120")
        return value

    @model_validator(mode="after")
    def _admin_is_whole(self) -> Self:
        if bool(self.OGC_ADMIN_EMAIL) != bool(self.OGC_ADMIN_PASSWORD):
            raise ValueError("OGC_ADMIN_EMAIL and OGC_ADMIN_PASSWORD: set both or neither")
        return self

    @field_validator("WEBAUTHN_RP_ID")
    @classmethod
    def _is_rp_id(cls, value: str) -> str:
        if value and not is_rp_id(value):
            raise ValueError("a host name in lower case such as example.org, or empty")
        return value

    @model_validator(mode="after")
    def _passkeys_are_usable(self) -> Self:
        for origin in self.WEBAUTHN_ORIGINS:
            if not origin_is_usable(origin, self.webauthn_rp_id):
                raise ValueError(
                    "WEBAUTHN_ORIGINS: each is https://host[:port] at or below "
                    f"{self.webauthn_rp_id} (http for localhost only), without a path"
                )
        return self

    @property
    def public_url(self) -> str:
        """PUBLIC_URL without a slash at its end, or its default."""
        return self.PUBLIC_URL.rstrip("/") or f"http://127.0.0.1:{self.PORT}"

    @property
    def webauthn_rp_id(self) -> str:
        """WEBAUTHN_RP_ID or its default."""
        return self.WEBAUTHN_RP_ID or rp_id_of(self.public_url)

    @property
    def webauthn_origins(self) -> list[str]:
        """WEBAUTHN_ORIGINS or its default."""
        return self.WEBAUTHN_ORIGINS or [origin_of(self.public_url)]

    @field_validator("OGC_VAR")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()


_URLS = {
    "REDIS_URL": ({"redis", "rediss"}, "redis://host:port/db, or empty"),
    "EMAIL_URL": ({"smtp", "smtps"}, "smtp(s)://user:password@host:port, or empty"),
    "PUBLIC_URL": ({"http", "https"}, "http(s)://host[:port], or empty"),
    "STREAM_URL": ({"http", "https"}, "http(s)://host[:port]/path, or empty"),
    "CHAIN_EXPLORER_URL": ({"http", "https"}, "http(s)://host/path/, or empty"),
}


def _url(text: str, schemes: set[str], message: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        has_port = False
    if not has_port or parts.scheme not in schemes:
        raise ValueError(message)
    return parts


def _address(text: str) -> str:
    from ogc.addresses import read_address

    address = read_address(text)
    if address is None:
        raise ValueError("each is a 0x address, in mixed case with its checksum (EIP-55)")
    return address


def base_units(text: str) -> int:
    """Base units of an amount setting such as "100"; "0" is allowed here.

    Raises:
        ValueError: not an OGC amount.
    """
    from ogc.amounts import parse_amount
    from ogc.errors import InvalidAmount

    if text == "0":
        return 0
    try:
        return parse_amount(text)
    except InvalidAmount as error:
        raise ValueError("an amount of OGC such as 100 or 0.5") from error


def read_environment() -> Environment:
    """The validated environment; stops the process naming each wrong setting and what it should be."""
    try:
        return Environment()
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, problem['loc']))}: {problem['msg']}".replace("  : ", "  ")
            for problem in error.errors()
        ]
        sys.stderr.write("The environment is not right:\n" + "\n".join(lines) + "\n")
        raise SystemExit(2) from None


env = read_environment()
