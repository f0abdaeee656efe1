import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ogc.local.services import ROOT

PROGRAM = """
    import os
    import signal
    import sys
    from pathlib import Path
    from honcho.printer import Printer
    from ogc.local.supervise import Outbox, RestartingManager

    def put_half_and_die(outbox, message):
        marker = Path(sys.argv[1]) / "two-was-killed"
        if message.name == "two" and not marker.exists():
            marker.touch()
            os.write(outbox._pipe.fileno(), bytes(2))
            os.kill(os.getpid(), signal.SIGKILL)
        put(outbox, message)

    if "half a message" in sys.argv:
        put, Outbox.put = Outbox.put, put_half_and_die
    manager = RestartingManager(Printer(sys.stdout), on_start=lambda: None)
    folder = sys.argv[1]
    manager.add_process("one", "sh -c 'echo $$ >> one; sleep 300 & echo $! >> children; wait'", cwd=folder)
    manager.add_process("two", "sh -c 'echo $$ >> two; sleep 300'", cwd=folder)
    manager.loop()
"""


@pytest.fixture
def manager(tmp_path: Path, request: pytest.FixtureRequest):
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    process = subprocess.Popen(
        [sys.executable, str(program), str(tmp_path), getattr(request, "param", "")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.wait()


def pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(check: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_killed_process_starts_again_without_its_old_children(manager, tmp_path: Path) -> None:
    assert eventually(lambda: len(pids(tmp_path / "children")) == 1 and len(pids(tmp_path / "two")) == 1)
    child = pids(tmp_path / "children")[0]

    os.kill(pids(tmp_path / "one")[0], signal.SIGKILL)

    assert eventually(lambda: len(pids(tmp_path / "one")) == 2)
    assert not is_alive(child)
    assert len(pids(tmp_path / "two")) == 1
    assert manager.poll() is None


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_end_of_the_manager_is_the_end_of_all(manager, tmp_path: Path, signum: int) -> None:
    assert eventually(lambda: len(pids(tmp_path / "children")) == 1 and len(pids(tmp_path / "two")) == 1)
    started = [*pids(tmp_path / "one"), *pids(tmp_path / "two"), *pids(tmp_path / "children")]

    manager.send_signal(signum)

    assert eventually(lambda: manager.poll() is not None)
    assert eventually(lambda: not any(is_alive(pid) for pid in started))


def test_a_killed_supervisor_is_replaced_and_the_end_still_comes(manager, tmp_path: Path) -> None:
    assert eventually(lambda: len(pids(tmp_path / "one")) == 1 and len(pids(tmp_path / "two")) == 1)
    supervisor = int(
        Path(f"/proc/{pids(tmp_path / 'two')[0]}/stat").read_text().rpartition(")")[2].split()[1]
    )

    os.kill(supervisor, signal.SIGKILL)

    assert eventually(lambda: len(pids(tmp_path / "two")) == 2)
    manager.terminate()
    assert eventually(lambda: manager.poll() is not None)
    assert not any(is_alive(pid) for pid in [*pids(tmp_path / "one"), pids(tmp_path / "two")[1]])


@pytest.mark.parametrize("manager", ["half a message"], indirect=True)
def test_a_supervisor_killed_while_it_reports_is_replaced(manager, tmp_path: Path) -> None:
    assert eventually((tmp_path / "two-was-killed").exists)
    assert eventually(lambda: any(is_alive(pid) for pid in pids(tmp_path / "two")))

    manager.terminate()

    assert eventually(lambda: manager.poll() is not None)
    assert not any(is_alive(pid) for pid in [*pids(tmp_path / "one"), *pids(tmp_path / "two")])
