"""A whole platform in processes of its own, made to be killed; a proxy stands between it and its node."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from redis import Redis

from ogc.local.services import ROOT, Service, anvil, free_port, valkey
from tests.chain.proxy import MisbehavingProxy

PATIENCE_SECONDS = 90


class Platform:
    """Use as a context manager. `proxy` stands between every process and the node."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.node: Service = anvil(folder / "anvil", free_port(), persist=False)
        self.redis: Service = valkey(folder / "valkey", free_port(), persist=False)
        self.proxy = MisbehavingProxy(self.node.url)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "ogc.settings.local",
            "DEBUG": "true",
            "OGC_VAR": str(folder / "var"),
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis.url,
            "CHAIN_RPC_URLS": self.proxy.url,
            "CHAIN_RPC_TIMEOUT_SECONDS": "3",
            "LOG_LEVEL": "INFO",
        }

    def __enter__(self) -> "Platform":
        (self.folder / "var").mkdir(parents=True)
        self.node.start()
        self.redis.start()
        self.proxy.__enter__()
        for command in (["migrate", "-v0"], ["seed", "-v0"], ["deploy_contracts"]):
            self.manage(*command)
        self.actor = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.act", "serve"],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.folder / "act.log").open("ab"),
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.actor.kill()
        self.actor.wait()
        self.proxy.__exit__()
        self.redis.stop()
        self.node.stop()

    def manage(self, *arguments: str) -> str:
        """One management command, to its end."""
        return self._run([sys.executable, "manage.py", *arguments])

    def act(self, *arguments: str) -> Any:
        """One act of `tests.faults.act`."""
        assert self.actor.stdin
        assert self.actor.stdout
        self.actor.stdin.write(json.dumps(arguments) + "\n")
        self.actor.stdin.flush()
        answer = self.actor.stdout.readline()
        assert answer, self.logs()
        return json.loads(answer)

    def act_and_die(self, what: str) -> None:
        """An act that ends in SIGKILL."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.act", what],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]

    def crash(self, *arguments: str) -> None:
        """A process that kills itself where it is told to (`tests.faults.crashing`), to its end."""
        process = self._crashing(*arguments)
        try:
            assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL, self.logs()
        finally:
            _kill_all(process)

    @contextmanager
    def crashing_web(self, where: str, when: str) -> Iterator[str]:
        """URL of a web process that kills itself; it has done so at the end."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        process = self._crashing(where, when, "web", str(port))
        try:
            until("the web process answers", lambda: _answers(url))
            yield url
            assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
        finally:
            _kill_all(process)

    def _crashing(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "crashing.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.crashing", *arguments],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self, *names: str) -> None:
        """Start processes of the Procfile, each with a group of its own."""
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, "manage.py", name],
                    env=self.environment,
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def kill(self, name: str) -> None:
        """kill -9 the process with everything below it, so that no handler and no `finally` runs."""
        _kill_all(self.processes.pop(name))

    def flush_redis(self) -> None:
        """Redis loses everything."""
        Redis.from_url(self.redis.url).flushall()

    def paid(self, address: str) -> int:
        """ERC-20 balance of an address in wei, asked of the node itself."""
        token = self.act("token")
        data = "0x70a08231" + address.removeprefix("0x").lower().rjust(64, "0")
        params: list[Any] = [{"to": token, "data": data}, "latest"]
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": params}
        return int(requests.post(self.node.url, json=body, timeout=5).json()["result"], 16)

    def logs(self) -> str:
        """The end of every process's log, for a failing test."""
        paths = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in paths)

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True)
        assert done.returncode == 0, (
            f"{command}: {done.stdout.decode()[-2000:]}{done.stderr.decode()[-3000:]}"
        )
        return done.stdout.decode()


def until(what: str, happens: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Ask until the answer is true; returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = happens()
        if answer:
            return answer
        time.sleep(0.3)
    raise AssertionError(f"waited {seconds} s for: {what}")


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/v1/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    for pid in [*_below(process.pid), process.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def _below(pid: int) -> list[int]:
    """All descendants of a process, deepest first."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        pids = [int(text) for text in children.read_text().split()]
    except OSError:
        return []
    return [found for child in pids for found in (*_below(child), child)]
