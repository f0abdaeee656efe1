"""`make run`: starts the whole platform on this machine, in the foreground, until Ctrl-C or SIGTERM.

Embedded services where none are configured, then migrations, seed, development contracts, and the processes
of the Procfile, each started again when it dies. Two platforms with different PORT and OGC_VAR run side by
side; the data folder is locked, so that one folder never has two.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import requests
from honcho.environ import parse_procfile

from ogc.local import ports, services
from ogc.local.output import LogPrinter
from ogc.local.services import ROOT, Service, ServiceUnavailable
from ogc.local.supervise import RestartingManager
from ogc.processes import die_with_parent
from ogc.settings.environment import Environment, read_environment

READY_SECONDS = 120
WATCH_SECONDS = 1.0
MYSQL_WEB_PROCESSES = 2
LOCK_FILE = "run.lock"


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201


def main() -> int:
    """Run until told to stop; the exit code of the first thing that failed, 0 after Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    env = read_environment()
    env.OGC_VAR.mkdir(parents=True, exist_ok=True)
    lock = lock_data_folder(env.OGC_VAR)
    if lock is None:
        say(f"A platform already runs in {env.OGC_VAR}: stop it, or set another OGC_VAR and PORT.")
        return 1
    started: list[Service] = []
    try:
        if not (services.port_is_free(env.PORT) and services.port_is_free(env.PORT + ports.STREAM_OFFSET)):
            say(f"Port {env.PORT} or {env.PORT + 1} is taken: set another PORT.")
            return 1
        start_services(env, started)
        prepare()
        return supervise(env, started)
    except ServiceUnavailable as error:
        say(str(error))
        return 1
    except subprocess.CalledProcessError as error:
        say(f"{' '.join(error.cmd)} failed with {error.returncode}")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for service in reversed(started):
            service.stop()


def lock_data_folder(var: Path) -> IO[str] | None:
    """Hold the data folder until this process ends; None when another platform holds it."""
    lock = (var / LOCK_FILE).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def start_services(env: Environment, started: list[Service]) -> None:
    """Start what is not configured, on the ports of the last start where they are still free."""
    before = ports.remembered_ports(env.OGC_VAR)
    redis_port = services.free_port(before.get("redis", env.PORT + ports.REDIS_OFFSET))
    rpc_port = services.free_port(before.get("rpc", env.PORT + ports.RPC_OFFSET))
    wanted = []
    if not env.REDIS_URL:
        wanted.append(services.valkey(env.OGC_VAR / "valkey", redis_port, persist=True))
    if not env.CHAIN_RPC_URLS:
        wanted.append(services.anvil(env.OGC_VAR / "chain", rpc_port, persist=True))
    ports.remember_ports(env.OGC_VAR, redis=redis_port, rpc=rpc_port)
    for service in wanted:
        started.append(service)
        service.start()
        say(f"{service.name} listens at {service.url}")


def prepare() -> None:
    """Bring the database, the contracts and the seeded rows up to date."""
    subprocess.run(
        [sys.executable, "-m", "ogc.local.prepare"], cwd=ROOT, check=True, preexec_fn=die_with_parent
    )


def supervise(env: Environment, started: list[Service]) -> int:
    """Run the Procfile until a signal; meanwhile restart services that die, and say when all is ready."""
    over = threading.Event()

    def watch() -> None:
        threading.Thread(target=keep_running, args=(started, over), daemon=True).start()
        threading.Thread(target=say_when_ready, args=(env, over), daemon=True).start()

    manager = RestartingManager(LogPrinter(env.OGC_VAR / "logs" / "platform.log"), on_start=watch)
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=process_environment(env), cwd=str(ROOT))
    try:
        manager.loop()
    finally:
        over.set()
    return 0


def process_environment(env: Environment) -> dict[str, str]:
    """The environment of the processes: what the Procfile names is always set."""
    web_processes = env.WEB_PROCESSES
    if env.DATABASE_URL.startswith("mysql") and "WEB_PROCESSES" not in env.model_fields_set:
        web_processes = MYSQL_WEB_PROCESSES
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "OGC_VAR": str(env.OGC_VAR),
        "HOST": env.HOST,
        "PORT": str(env.PORT),
        "STREAM_PORT": str(env.PORT + ports.STREAM_OFFSET),
        "WEB_PROCESSES": str(web_processes),
        "WEB_THREADS": str(env.WEB_THREADS),
    }


def keep_running(started: list[Service], over: threading.Event) -> None:
    """Start embedded services again that died: Redis may lose all, the chain goes on from its state file."""
    while not over.wait(WATCH_SECONDS):
        for service in started:
            if not service.is_running():
                say(f"{service.name} ended, starting again")
                try:
                    service.start()
                except ServiceUnavailable as error:
                    say(str(error))


def say_when_ready(env: Environment, over: threading.Event) -> None:
    """Wait for the readiness answer, then print where everything is and who can log in."""
    base = f"http://127.0.0.1:{env.PORT}"
    until, body = time.monotonic() + READY_SECONDS, "no answer"
    while time.monotonic() < until and not over.wait(0.2):
        try:
            answer = requests.get(f"{base}/api/v1/readyz", timeout=5)
        except requests.RequestException:
            continue
        if answer.status_code == 200:
            say(ready_text(base, env))
            return
        body = answer.text
    if not over.is_set():
        say(f"Not ready after {READY_SECONDS} s, /api/v1/readyz says: {body[:2000]}")


def ready_text(base: str, env: Environment) -> str:
    """What a person needs to know now."""
    lines = [
        "",
        "OGC NewFinity is ready. Ctrl-C stops everything.",
        f"  API             {base}/api/v1   documentation: {base}/api/v1/docs",
        f"  Admin           {base}/admin/",
        f"  Event stream    http://127.0.0.1:{env.PORT + ports.STREAM_OFFSET}/api/v1/notifications/stream",
        f"  Data and mail   {env.OGC_VAR}   (mail: one file per message in {env.OGC_VAR / 'mail'})",
        f"  Full log        {env.OGC_VAR / 'logs' / 'platform.log'}",
    ]
    if env.DEBUG:
        lines += [
            "  Accounts, all with the password ogc-local-only-1 and @ogc.local:",
            "    staff         admin  ops  ops2  finance  finance2  moderator  moderator2  judge",
            "    people        alice  bob  carol (pro)  dave (enterprise), 1,000 OGC each",
            "  Next            make story",
        ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
