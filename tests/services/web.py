"""Web and stream processes of the platform, as they run in production, for tests and benchmarks that need
real ones."""

import sys
import urllib.error
import urllib.request
from pathlib import Path

from ogc.local.services import Service, free_port

ROOT = Path(__file__).resolve().parents[2]


def web(folder: Path, environment: dict[str, str], *, workers: int = 1, threads: int = 1) -> Service:
    """A granian WSGI server, not yet started; `environment` is added to this process's own."""
    options = ["--interface", "wsgi", "--workers", str(workers), "--blocking-threads", str(threads)]
    return _granian("web", "ogc.wsgi:application", folder, environment, options)


def stream(folder: Path, environment: dict[str, str]) -> Service:
    """The server of the event stream, as the Procfile starts it, not yet started."""
    options = ["--interface", "asginl", "--workers", "1"]
    return _granian("stream", "ogc.asgi:application", folder, environment, options)


def _granian(
    name: str, target: str, folder: Path, environment: dict[str, str], options: list[str]
) -> Service:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["/usr/bin/env", *(f"{name}={value}" for name, value in environment.items())]
    command += [str(Path(sys.executable).parent / "granian"), "--working-dir", str(ROOT), *options]
    command += ["--no-ws", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    return Service(name, url, [*command, target], folder, lambda: _answers(url))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v1/healthz", timeout=1):
            return True
    except urllib.error.HTTPError:
        # The stream serves one path only; an answer is an answer.
        return True
    except (urllib.error.URLError, OSError):
        return False
