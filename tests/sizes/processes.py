"""Commands in processes of their own, with what they cost."""

import os
import subprocess
import sys
import tempfile
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

    def run(self, *arguments: str) -> str:
        """One Python command, to its end; what it printed."""
        return self._run(*arguments).stdout

    def measure(self, *arguments: str) -> Cost:
        """One command of manage.py, to its end."""
        with tempfile.NamedTemporaryFile("r") as noted:
            started = time.monotonic()
            done = self._run("-m", "tests.sizes.measured", noted.name, "manage.py", *arguments, check=False)
            seconds = time.monotonic() - started
            return Cost(done.returncode, done.stdout, seconds, int(noted.read()) / 1024)

    def _run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=check,
        )
