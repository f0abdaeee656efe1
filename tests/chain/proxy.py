"""A JSON-RPC proxy that misbehaves on request; it stands between the platform and the local node.

A rule hits one call of an array; the others are forwarded together. A rule counts down and then is
gone; `hold_before` and `hold_after` stop a call where a test wants to kill the caller.
"""

import json
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

Call = dict[str, Any]
Reply = dict[str, Any]


class Dropped(Exception):
    """The connection is closed without an answer."""


@dataclass
class Rule:
    """What to do to the next `times` calls of a method."""

    method: str
    act: Callable[["MisbehavingProxy", Call], Reply]
    times: int = 1


@dataclass
class Hold:
    """A point where a call waits: `reached` tells the test, `release` lets it go on, `abandon` drops it."""

    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    is_abandoned: bool = False

    def abandon(self) -> None:
        """The caller is dead: what waits here goes nowhere."""
        self.is_abandoned = True
        self.release.set()


class MisbehavingProxy:
    """Use as a context manager; `url` is what the platform gets as its RPC endpoint."""

    def __init__(self, target: str, seed: int | None = None) -> None:
        self.target = target
        self.seed = seed if seed is not None else random.randrange(2**32)
        self.random = random.Random(self.seed)
        self.methods: list[str] = []
        self.arrays: list[list[str]] = []
        self._rules: list[Rule] = []
        self._holds: list[Hold] = []
        self._fees: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()
        self._busy = 0
        self._session = requests.Session()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                proxy._serve(self)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "MisbehavingProxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for hold in self._holds:
            hold.release.set()
        self._wait_until_idle()
        self._server.shutdown()
        self._server.server_close()

    def forward(self, call: Call) -> Reply:
        """The node's own answer."""
        reply: Reply = self._session.post(self.target, json=call, timeout=30).json()
        return reply

    def clear(self) -> None:
        """Behave from now on."""
        with self._lock:
            self._rules.clear()

    def drop(self, method: str, times: int = 1) -> None:
        """Close the connection; the node never hears of the call."""
        self._add(method, times, lambda proxy, call: _raise(Dropped()))

    def swallow(self, method: str, times: int = 1) -> None:
        """Let the node take the call, then close the connection without an answer."""
        self._add(method, times, lambda proxy, call: (proxy.forward(call), _raise(Dropped()))[1])

    def delay(self, method: str, seconds: float, times: int = 1) -> None:
        """Answer late."""

        def act(proxy: "MisbehavingProxy", call: Call) -> Reply:
            time.sleep(seconds)
            return proxy.forward(call)

        self._add(method, times, act)

    def duplicate(self, method: str, times: int = 1) -> None:
        """Send the call to the node twice; the second answer is given."""
        self._add(method, times, lambda proxy, call: (proxy.forward(call), proxy.forward(call))[1])

    def internal_error(self, method: str, times: int = 1) -> None:
        """Answer -32603 without asking the node."""
        self.answer_error(method, -32603, "Internal error", times)

    def answer_error(self, method: str, code: int, message: str, times: int = 1) -> None:
        """Answer an error without asking the node."""
        error = {"code": code, "message": message}
        self._add(method, times, lambda proxy, call: {"jsonrpc": "2.0", "id": call["id"], "error": error})

    def answer(self, method: str, value: Any, times: int = 1) -> None:
        """Answer a lie: a stale head, a stale nonce, an empty list of logs."""
        self._add(method, times, lambda proxy, call: {"jsonrpc": "2.0", "id": call["id"], "result": value})

    def stale_head(self, blocks: int, times: int = 1) -> None:
        """Answer `latest` with an older block."""
        head = int(
            self.forward({"jsonrpc": "2.0", "id": 0, "method": "eth_blockNumber", "params": []})["result"], 16
        )

        def act(proxy: "MisbehavingProxy", call: Call) -> Reply:
            if call["params"][0] == "latest":
                call = call | {"params": [hex(max(0, head - blocks)), call["params"][1]]}
            return proxy.forward(call)

        self._add("eth_getBlockByNumber", times, act)

    def refuse_cheap_replacements(self) -> None:
        """Refuse, as real nodes do, a second transaction for a nonce that does not raise both fees by 10
        %."""
        self._add("eth_sendRawTransaction", 10**9, _send_as_real_nodes_do)

    def hold_before(self, method: str) -> Hold:
        """Stop the next call of a method before the node hears of it."""

        def act(call: Call, wait: Callable[[], None]) -> Reply:
            wait()
            return self.forward(call)

        return self._hold(method, act)

    def hold_after(self, method: str) -> Hold:
        """Stop the next call of a method after the node took it."""

        def act(call: Call, wait: Callable[[], None]) -> Reply:
            reply = self.forward(call)
            wait()
            return reply

        return self._hold(method, act)

    def _wait_until_idle(self) -> None:
        """Let late calls reach the node now and not in the middle of the next test."""
        end = time.monotonic() + 10
        while self._busy and time.monotonic() < end:
            time.sleep(0.02)

    def _hold(self, method: str, act: Callable[[Call, Callable[[], None]], Reply]) -> Hold:
        hold = Hold()
        self._holds.append(hold)

        def wait() -> None:
            hold.reached.set()
            hold.release.wait(60)
            if hold.is_abandoned:
                raise Dropped

        self._add(method, 1, lambda _, call: act(call, wait))
        return hold

    def _add(self, method: str, times: int, act: Callable[["MisbehavingProxy", Call], Reply]) -> None:
        with self._lock:
            self._rules.append(Rule(method, act, times))

    def _take(self, method: str) -> Rule | None:
        with self._lock:
            self.methods.append(method)
            for rule in self._rules:
                if rule.method == method and rule.times > 0:
                    rule.times -= 1
                    return rule
        return None

    def _replies(self, calls: list[Call]) -> list[Reply]:
        """Calls without a rule go to the node together, the others one by one."""
        rules = [self._take(call["method"]) for call in calls]
        plain = [call for call, rule in zip(calls, rules, strict=True) if rule is None]
        answered: dict[Any, Reply] = {}
        if plain:
            for reply in self._session.post(self.target, json=plain, timeout=30).json():
                answered[reply["id"]] = reply
        return [
            rule.act(self, call) if rule else answered[call["id"]]
            for call, rule in zip(calls, rules, strict=True)
        ]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        if isinstance(body, list):
            self.arrays.append([call["method"] for call in body])
        with self._lock:
            self._busy += 1
        try:
            replies = self._replies(body if isinstance(body, list) else [body])
        except Dropped:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        finally:
            with self._lock:
                self._busy -= 1
        data = json.dumps(replies if isinstance(body, list) else replies[0]).encode()
        try:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)
        except OSError:
            handler.close_connection = True


def _raise(error: Exception) -> Reply:
    raise error


def _send_as_real_nodes_do(proxy: MisbehavingProxy, call: Call) -> Reply:
    from eth_account import Account
    from eth_account.typed_transactions import TypedTransaction
    from hexbytes import HexBytes

    raw = call["params"][0]
    fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    key = (Account.recover_transaction(raw), int(fields["nonce"]))
    fee, known = int(fields["maxFeePerGas"]), proxy._fees.get(key)
    if known is not None and fee != known and fee * 10 < known * 11:
        error = {"code": -32000, "message": "replacement transaction underpriced"}
        return {"jsonrpc": "2.0", "id": call["id"], "error": error}
    proxy._fees[key] = fee
    return proxy.forward(call)
