"""Where the embedded services of one local platform listen (standard library only).

Two platforms with different PORT and OGC_VAR run side by side, so every port derives from PORT. A running
platform writes the ports that it really got to `services.json` under OGC_VAR; management commands beside
it, with the same environment, read them from there.
"""

import json
from pathlib import Path
from typing import TypedDict

STREAM_OFFSET = 1
REDIS_OFFSET = 2
RPC_OFFSET = 3
SERVICES_FILE = "services.json"


class ServiceUrls(TypedDict):
    """Addresses of the embedded services."""

    redis_url: str
    rpc_url: str


def redis_url(port: int) -> str:
    """Address of an embedded Valkey server."""
    return f"redis://127.0.0.1:{port}/0"


def rpc_url(port: int) -> str:
    """Address of a local EVM node."""
    return f"http://127.0.0.1:{port}"


def remembered_ports(var: Path) -> dict[str, int]:
    """Ports that the platform with this data folder took ("redis", "rpc"); empty before its first start."""
    try:
        stored = json.loads((var / SERVICES_FILE).read_text())
        return {name: int(stored[name]) for name in ("redis", "rpc")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def remember_ports(var: Path, *, redis: int, rpc: int) -> None:
    """Write the ports for the next start and for commands beside the platform; replaced in one step."""
    partial = var / f"{SERVICES_FILE}.partial"
    partial.write_text(json.dumps({"redis": redis, "rpc": rpc}) + "\n")
    partial.replace(var / SERVICES_FILE)


def service_urls(var: Path, base_port: int) -> ServiceUrls:
    """Addresses of the embedded services of the platform with this data folder and PORT."""
    ports = remembered_ports(var)
    return {
        "redis_url": redis_url(ports.get("redis", base_port + REDIS_OFFSET)),
        "rpc_url": rpc_url(ports.get("rpc", base_port + RPC_OFFSET)),
    }
