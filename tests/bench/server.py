"""The platform under load: MariaDB, Valkey and two web processes, with what each of them spends."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from ogc.local.services import Service, free_port, valkey
from tests.services.mariadb import mariadb

READY_SECONDS = 60
UNLIMITED = "10000000/m"


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform; `folder` holds its data and logs."""

    folder: Path
    url: str
    services: list[Service]
    web: subprocess.Popen[bytes]

    def cpu_seconds(self) -> dict[str, float]:
        """CPU spent so far by web processes, database and Redis."""
        groups = {"web": [self.web.pid], "database": [], "redis": []}
        for service in self.services:
            pid = service.process.pid if service.process else 0
            groups["database" if service.name == "mariadb" else "redis"].append(pid)
        return {name: sum(_tree_seconds(pid) for pid in pids) for name, pids in groups.items()}

    def stop(self) -> None:
        """Stop everything."""
        for child in psutil.Process(self.web.pid).children(recursive=True):
            child.terminate()
        self.web.terminate()
        self.web.wait(10)
        for service in self.services:
            service.stop()


def prepare(folder: Path) -> list[Service]:
    """Start database and Valkey and write their addresses to the environment, before settings are read."""
    services = [
        mariadb(folder / "mariadb", durable=True).start(),
        valkey(folder / "valkey", free_port(), persist=False).start(),
    ]
    os.environ |= {
        "DATABASE_URL": services[0].url,
        "REDIS_URL": services[1].url,
        "OGC_VAR": str(folder / "var"),
        "DEBUG": "true",
        "ACCESS_TOKEN_SECONDS": "3600",
        "RATE_DEFAULT": UNLIMITED,
        "RATE_MONEY": UNLIMITED,
        "RATE_INGEST": UNLIMITED,
        "RATE_LOGIN_ACCOUNT": UNLIMITED,
        "RATE_LOGIN_IP": UNLIMITED,
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        "DJANGO_SETTINGS_MODULE": "ogc.settings.local",
    }
    return services


def start_web(folder: Path, services: list[Service]) -> Platform:
    """Two granian WSGI workers with one thread each, as in production."""
    port = free_port()
    log = (folder / "web.log").open("wb")
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--workers", "2"]
    command += ["--blocking-threads", "1", "--no-ws", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backpressure", "64", "--log-level", "warning", "ogc.wsgi:application"]
    environment = os.environ | {"DEBUG": "false", "WEB_PROCESSES": "2"}
    web = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    platform = Platform(folder, f"http://127.0.0.1:{port}", services, web)
    _wait_until_ready(platform)
    return platform


def _wait_until_ready(platform: Platform) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{platform.url}/api/v1/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(
        f"the web processes did not start: {(platform.folder / 'web.log').read_text()[-2000:]}"
    )


def _tree_seconds(pid: int) -> float:
    process = psutil.Process(pid)
    times = [process.cpu_times(), *(child.cpu_times() for child in process.children(recursive=True))]
    return sum(one.user + one.system for one in times)
