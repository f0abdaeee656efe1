"""`make run` and `make story`, as a newcomer uses them: the whole platform in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from ogc.local.services import ROOT, port_is_free

START_SECONDS = 120
OWN_SETTINGS = ("REDIS_URL", "CHAIN_RPC_URLS", "DJANGO_SETTINGS_MODULE", "OGC_VAR", "PORT")


@dataclass(slots=True)
class Platform:
    """A platform started by the test, and the environment that started it."""

    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]
    port: int
    log: Path

    def is_ready(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/api/v1/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def pids(self) -> dict[int, str]:
        """Processes that were started with this data folder, with their command lines."""
        found = {}
        mark = f"OGC_VAR={self.environment['OGC_VAR']}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found


def eventually(check: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def free_base_port() -> int:
    """A PORT whose neighbours for the stream and the services are free too."""
    return next(
        port for port in range(20000, 30000, 10) if all(port_is_free(port + offset) for offset in range(4))
    )


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    port, log = free_base_port(), tmp_path / "output.log"
    environment = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
    environment |= {"PORT": str(port), "OGC_VAR": str(tmp_path / "var"), "RATE_REGISTER": "off"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ogc.local.run"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    running = Platform(process, environment, port, log)
    yield running
    if process.poll() is None:
        process.terminate()
        process.wait(60)


@pytest.mark.chain
@pytest.mark.faults
def test_the_story_survives_kills_of_every_process_and_leaves_nothing_behind(platform: Platform) -> None:
    eventually(lambda: platform.is_ready() or platform.process.poll() is not None, START_SECONDS)
    assert platform.is_ready(), platform.log.read_text()[-3000:]

    for part in ("granian", "manage.py worker", "manage.py scheduler", "manage.py indexer", "valkey-server"):
        for pid, command in platform.pids().items():
            if part in command:
                os.kill(pid, signal.SIGKILL)
    assert eventually(platform.is_ready, 60), platform.log.read_text()[-3000:]
    story = platform.run("-m", "ogc.local.story")
    assert story.returncode == 0, story.stdout + story.stderr

    reconciled = platform.run("manage.py", "reconcile", "--json")
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
    assert platform.run("-m", "ogc.local.reset").returncode == 1

    platform.process.send_signal(signal.SIGINT)
    assert platform.process.wait(60) == 0
    assert platform.pids() == {}
    assert port_is_free(platform.port)
    assert platform.run("-m", "ogc.local.reset").returncode == 0
