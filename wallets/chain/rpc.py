"""JSON-RPC transport: raw arrays, time-outs, failover over endpoints, a circuit breaker per endpoint.

web3's batching refuses eth_sendRawTransaction and loses a whole batch over one missing receipt, so arrays are
ours. Sending one raw transaction to several endpoints is harmless: its hash is fixed by its signature.

Source: JSON-RPC 2.0, section 6 (batch); Ethereum execution API specification.
"""

import itertools
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import requests
from django.conf import settings

from ogc.db.transactions import in_transaction

TIMEOUT_SECONDS = 5.0
BATCH_SIZE = 100
OPEN_AFTER_FAILURES = 3
OPEN_SECONDS = 10.0

_ids = itertools.count(1)
_local = threading.local()


class RpcUnavailable(Exception):
    """No endpoint gave a usable answer; nothing is known about what it did. Retryable."""


class RpcError(Exception):
    """The node answered with an error."""

    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of an array: a value (None is a valid one) or an error."""

    value: Any = None
    error: RpcError | None = None

    def unwrap(self) -> Any:
        """The value. Raises RpcError when the node refused."""
        if self.error is not None:
            raise self.error
        return self.value


class Endpoint:
    """One URL with its circuit: after 3 failures in a row it is left alone for 10 s."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.failures = 0
        self.closed_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the circuit is open, that is, calls are not sent there."""
        return time.monotonic() < self.closed_at

    def post(self, body: list[dict[str, Any]], timeout: float) -> Any:
        """Send one body, return the decoded answer. Raises RpcUnavailable."""
        try:
            response = _session().post(self.url, json=body, timeout=timeout)
            if response.status_code >= 500 or response.status_code == 429:
                raise RpcUnavailable(f"HTTP {response.status_code}")
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            self._failed()
            raise RpcUnavailable(f"{type(error).__name__} at the RPC endpoint") from None
        except RpcUnavailable:
            self._failed()
            raise
        self.failures = 0
        return answer

    def _failed(self) -> None:
        self.failures += 1
        if self.failures >= OPEN_AFTER_FAILURES:
            self.closed_at = time.monotonic() + OPEN_SECONDS


class RpcClient:
    """Calls over several endpoints, the first healthy one answers."""

    def __init__(self, urls: Sequence[str], *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.endpoints = [Endpoint(url) for url in urls]
        self.timeout_seconds = timeout_seconds

    def call(self, method: str, *params: Any) -> Any:
        """One call.

        Raises:
            RpcError: the node refused.
            RpcUnavailable: no endpoint answered.
        """
        return self.batch([(method, list(params))])[0].unwrap()

    def batch(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Answer]:
        """Many calls as JSON-RPC arrays of at most 100; answers in the order of the calls.

        Raises:
            RpcUnavailable: no endpoint answered an array; earlier arrays may have been carried out.
        """
        if in_transaction():
            raise RuntimeError("no chain call inside a database transaction")
        answers: list[Answer] = []
        for start in range(0, len(calls), BATCH_SIZE):
            answers.extend(self._array(calls[start : start + BATCH_SIZE]))
        return answers

    def second(self) -> "RpcClient":
        """The same endpoints, asked in the opposite order: another node for the second read."""
        other = RpcClient([], timeout_seconds=self.timeout_seconds)
        other.endpoints = self.endpoints[::-1]
        return other

    def _array(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Answer]:
        problem: Exception = RpcUnavailable("no RPC endpoint is configured")
        healthy = [endpoint for endpoint in self.endpoints if not endpoint.is_open]
        for endpoint in healthy or self.endpoints:
            try:
                return _exchange(endpoint, calls, self.timeout_seconds)
            except RpcUnavailable as error:
                problem = error
        raise RpcUnavailable(str(problem))


def default_client() -> RpcClient:
    """The client of this process, over CHAIN_RPC_URLS."""
    return _client(tuple(settings.CHAIN_RPC_URLS), settings.CHAIN_RPC_TIMEOUT_SECONDS)


@lru_cache(maxsize=4)
def _client(urls: tuple[str, ...], timeout_seconds: float) -> RpcClient:
    return RpcClient(urls, timeout_seconds=timeout_seconds)


def _exchange(endpoint: Endpoint, calls: Sequence[tuple[str, list[Any]]], timeout: float) -> list[Answer]:
    numbered = [(next(_ids), method, params) for method, params in calls]
    bodies = [{"jsonrpc": "2.0", "id": i, "method": m, "params": p} for i, m, p in numbered]
    answer = endpoint.post(bodies, timeout)
    if not isinstance(answer, list):
        raise RpcUnavailable("the endpoint did not answer the array")
    by_id = {item.get("id"): item for item in answer if isinstance(item, dict)}
    return [_answer(by_id.get(i)) for i, _, _ in numbered]


def _answer(item: dict[str, Any] | None) -> Answer:
    if item is None:
        return Answer(error=RpcError(-32603, "no answer in the array"))
    if (error := item.get("error")) is not None:
        return Answer(error=RpcError(int(error.get("code", 0)), str(error.get("message", ""))))
    return Answer(value=item.get("result"))


def _session() -> requests.Session:
    """One keep-alive session per thread and process (a forked worker must not share its parent's sockets)."""
    if getattr(_local, "pid", None) != os.getpid():
        _local.pid, _local.session = os.getpid(), requests.Session()
        _local.session.trust_env = False
    session: requests.Session = _local.session
    return session
