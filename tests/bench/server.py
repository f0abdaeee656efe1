"""The platform under load: MariaDB, Valkey and two web processes, with what each of them spends."""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from ogc.local.services import Service, free_port, valkey
from tests.services.mariadb import mariadb
from tests.services.web import web

UNLIMITED = "10000000/m"


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform; `folder` holds its data and logs."""

    folder: Path
    url: str
    services: list[Service]

    def cpu_seconds(self) -> dict[str, float]:
        """CPU spent so far by each service, with its children: mariadb, valkey, web."""
        return {one.name: _tree_seconds(one.process.pid) for one in self.services if one.process}

    def stop(self) -> None:
        """Stop everything, the web processes first."""
        for service in reversed(self.services):
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


def start_web(folder: Path, services: list[Service], *, workers: int = 2, threads: int = 1) -> Platform:
    """WSGI workers, by default two with one thread each, as in production."""
    environment = {"DEBUG": "false", "WEB_PROCESSES": str(workers)}
    process = web(folder / "web", environment, workers=workers, threads=threads).start()
    return Platform(folder, process.url, [*services, process])


def _tree_seconds(pid: int) -> float:
    process = psutil.Process(pid)
    times = [process.cpu_times(), *(child.cpu_times() for child in process.children(recursive=True))]
    return sum(one.user + one.system for one in times)
