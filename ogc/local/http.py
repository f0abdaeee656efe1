"""A small client of the platform's API, from outside: one person, one token, plain answers."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

TIMEOUT_SECONDS = 30


class UnexpectedAnswer(RuntimeError):
    """The platform answered something else than the story needs; the text holds the call and the answer."""


@dataclass(slots=True)
class Person:
    """Somebody who talks to the API.

    Attributes:
        base_url: of the platform, without /api/v1.
        email: address that logs in; also how others send tokens.
    """

    base_url: str
    name: str
    email: str
    password: str
    id: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, *, expect: int = 200, **params: Any) -> Any:
        """Answer of a GET below /api/v1."""
        return self._call("GET", path, expect=(expect,), params=params)

    def post(
        self, path: str, body: dict[str, Any] | None = None, *, expect: int | tuple[int, ...] = 200
    ) -> Any:
        """Answer of a POST below /api/v1; it carries an idempotency key of its own."""
        expected = expect if isinstance(expect, tuple) else (expect,)
        return self._call("POST", path, expect=expected, json=body or {})

    def log_in(self) -> None:
        """Log in and use the access token from now on."""
        body = {"email": self.email, "password": self.password, "token_transport": "body"}
        answer = self.post("auth/login", body)
        self.session.headers["Authorization"] = f"Bearer {answer['access']}"
        self.id = answer["user"]["id"]

    def _call(self, method: str, path: str, *, expect: tuple[int, ...], **options: Any) -> Any:
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        url = f"{self.base_url}/api/v1/{path}"
        try:
            answer = self.session.request(method, url, headers=headers, timeout=TIMEOUT_SECONDS, **options)
        except requests.RequestException as error:
            raise UnexpectedAnswer(f"{method} {url}: {error}") from error
        if answer.status_code not in expect:
            found = f"{answer.status_code} instead of {expect}: {answer.text[:1500]}"
            raise UnexpectedAnswer(f"{self.name}: {method} {url} answered {found}")
        return answer.json() if answer.content else None


def ask_node(rpc_url: str, method: str, *params: Any) -> Any:
    """Result of one JSON-RPC call, asked from the node itself."""
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    answer = requests.post(rpc_url, json=body, timeout=TIMEOUT_SECONDS).json()
    if "result" not in answer:
        raise UnexpectedAnswer(f"{method} at {rpc_url} answered {answer}")
    return answer["result"]


def erc20_balance(rpc_url: str, token: str, address: str) -> int:
    """ERC-20 balance of an address in wei."""
    call = {"to": token, "data": "0x70a08231" + address.removeprefix("0x").lower().rjust(64, "0")}
    return int(ask_node(rpc_url, "eth_call", call, "latest"), 16)
