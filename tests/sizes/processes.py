"""Commands in processes of their own, with what they cost."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ogc.local.services import ROOT


@dataclass(frozen=True, slots=True)
class Cost:
    """Exit code, output, seconds and the most memory that the process had (MiB)."""

    code: int
    output: str
    seconds: float
    memory_mib: float


class Processes:
    """Runs commands against one database of their own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        (folder / "var").mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "ogc.settings.local",
            "DEBUG": "true",
            "OGC_VAR": str(folder / "var"),
            "DATABASE_URL": database_url,
            "LOG_LEVEL": "WARNING",
        }

    def run(self, *arguments: str) -> Cost:
        """One Python command, to its end."""
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *arguments], env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Cost(process.returncode, output, time.monotonic() - started, usage.ru_maxrss / 1024)
