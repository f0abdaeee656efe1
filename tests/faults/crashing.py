"""A process of the platform that kills itself: `python -m tests.faults.crashing <where> <when> worker`.

`where` is module:name of a function that its module looks up when it calls it. The first time that it is
called (`before`) or has returned (`after`), SIGKILL ends the process that was started and the one it runs in;
its other children die with their parent. With `web PORT` in place of `worker` it is one WSGI server.
"""

import os
import signal
import sys
from importlib import import_module
from typing import Any
from wsgiref.simple_server import make_server

import django

django.setup()

from django.core.management import call_command  # noqa: E402


def crash_at(where: str, when: str) -> None:
    """Put the crash in place of a function, here and in what this process forks."""
    module_name, name = where.split(":")
    module, leader = import_module(module_name), os.getpid()
    original = getattr(module, name)

    def crash(*args: Any, **kwargs: Any) -> None:
        if when == "after":
            original(*args, **kwargs)
        os.kill(leader, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, crash)


def serve(port: int) -> None:
    """The web process, without a process above it that would start it again."""
    from ogc.wsgi import application

    make_server("127.0.0.1", port, application).serve_forever()


if __name__ == "__main__":
    where, when, what, *arguments = sys.argv[1:]
    crash_at(where, when)
    if what == "web":
        serve(int(arguments[0]))
    else:
        call_command(what)
