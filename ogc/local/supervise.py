"""The processes of the Procfile under honcho, each started again when it ends without being asked to."""

import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection, get_context
from pathlib import Path
from typing import Any

from honcho.manager import Manager
from honcho.printer import Message, Printer
from honcho.process import Process

from ogc.processes import die_with_parent

RESTART_SECONDS = 1.0
POLL_SECONDS = 0.1
_fork = get_context("fork")


class Outbox:
    """Where a supervisor puts what it has to say; the writing end of a pipe of its own."""

    def __init__(self, pipe: "connection.Connection[Message, Any]") -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def put(self, message: Message) -> None:
        """Say it; to nobody when the manager is gone."""
        with self._lock, suppress(BrokenPipeError):
            self._pipe.send(message)

    def close(self) -> None:
        """Give this process's copy of the pipe up."""
        self._pipe.close()


class Inbox:
    """What all supervisors say, in the place of honcho's queue.

    The processes of a queue share a lock and a pipe: one that is killed while it writes would silence all.
    """

    def __init__(self) -> None:
        self._pipes: list[connection.Connection[Any, Message]] = []
        self._read: deque[Message] = deque()

    def outbox(self) -> Outbox:
        """A new pipe's writing end."""
        reader, writer = _fork.Pipe(duplex=False)
        self._pipes.append(reader)
        return Outbox(writer)

    def get(self, timeout: float) -> Message:
        """The next message.

        Raises:
            queue.Empty: nothing was said within these seconds.
        """
        if not self._read:
            for pipe in connection.wait(self._pipes, timeout):
                assert isinstance(pipe, connection.Connection)
                try:
                    self._read.append(pipe.recv())
                except (EOFError, OSError):  # its end, or half a message: the supervisor was killed
                    self._pipes.remove(pipe)
                    pipe.close()
        if not self._read:
            raise queue.Empty
        return self._read.popleft()

    def close(self) -> None:
        """Give this process's copies of the pipes up."""
        for pipe in self._pipes:
            pipe.close()


class RestartingProcess(Process):
    """One line of the Procfile, run again after a crash or a kill.

    What a killed process leaves behind (workers of a web server, a job in its fork) still holds ports and
    pipes; it is killed before the next start, which is what a crash of the machine would do too.
    """

    stopping = _fork.RawValue("b", 0)  # shared with the manager; a lock could be held when a signal comes

    _told_to_stop = False

    def run(self, events: Outbox | None = None, ignore_signals: bool = False) -> None:
        """Runs in a process of its own; reports lines, starts and the final stop to the manager."""
        self._events = events
        die_with_parent(signal.SIGTERM)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._on_terminate)
        while True:
            self._run_once()
            if not self._is_over():
                self._send_message(f"ended with {self._child.returncode}, starting again")
                self._wait(RESTART_SECONDS)
            if self._is_over():
                break
        self._send_message({"returncode": self._child.returncode}, type="stop")

    def _is_over(self) -> bool:
        return self._told_to_stop or bool(self.stopping.value)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._is_over() and time.monotonic() < until:
            time.sleep(POLL_SECONDS)

    def _run_once(self) -> None:
        self._child = self._child_ctor(
            f"exec {self.cmd}", env=self.env, cwd=self.cwd, preexec_fn=die_with_parent
        )
        self._send_message({"pid": self._child.pid}, type="start")
        lines = threading.Thread(target=self._pass_on_lines, args=(self._child,), daemon=True)
        lines.start()
        self._wait_for_child()
        kill_session(self._child.pid)
        lines.join(timeout=RESTART_SECONDS)

    def _wait_for_child(self) -> None:
        while not self._is_over():
            try:
                self._child.wait(POLL_SECONDS)
                return
            except subprocess.TimeoutExpired:
                continue
        if self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGTERM)
        self._child.wait()

    def _pass_on_lines(self, child: "subprocess.Popen[bytes]") -> None:
        assert child.stdout is not None
        for line in iter(child.stdout.readline, b""):
            self._send_message(line)
        child.stdout.close()

    def _on_terminate(self, *_: object) -> None:
        """The launcher is gone (or somebody ended this process): end the child and do not start another."""
        self._told_to_stop = True


class RestartingManager(Manager):
    """Honcho's manager without its rule that one ended process ends all.

    Args:
        on_start: called once, when all processes were forked (threads may start only then).
    """

    def __init__(self, printer: Printer, on_start: Callable[[], None]) -> None:
        super().__init__(printer)
        self.events = Inbox()
        self._process_ctor = RestartingProcess
        self._on_start = on_start

    def _start(self) -> None:
        for name in self._processes:
            self._supervise(name)
        self._on_start()

    def _supervise(self, name: str) -> None:
        outbox = self.events.outbox()
        process = _fork.Process(name=name, target=self._run_supervisor, args=(name, outbox))
        process.start()
        outbox.close()
        self._processes[name]["process"] = process

    def _run_supervisor(self, name: str, outbox: Outbox) -> None:
        self.events.close()
        self._processes[name]["obj"].run(outbox)

    def terminate(self) -> None:
        """End everything, for good: each process sees this and ends its child."""
        RestartingProcess.stopping.value = 1

    def _all_started(self) -> bool:
        # The loop asks this in every round, which makes it the place to replace a supervisor that was killed.
        if RestartingProcess.stopping.value:
            return True
        for name, entry in self._processes.items():
            if not entry["process"].is_alive():
                self._supervise(name)
        return bool(super()._all_started())

    def _all_stopped(self) -> bool:
        return not any(entry["process"].is_alive() for entry in self._processes.values())


def kill_session(session: int) -> None:
    """Kill every process of a session (each child of the manager leads one), in whatever group it is."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            try:
                os.kill(int(folder.name), signal.SIGKILL)
            except ProcessLookupError:
                continue
