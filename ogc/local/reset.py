"""`make reset`: empties the data folder of a platform that is not running."""

import shutil
import sys
from pathlib import Path

from ogc.local.ports import SERVICES_FILE
from ogc.local.run import LOCK_FILE, lock_data_folder
from ogc.settings.environment import ROOT, read_environment


def is_data_folder(folder: Path) -> bool:
    """Whether a platform made this folder; a home or the project itself is never emptied."""
    is_ours = (folder / LOCK_FILE).exists() or (folder / SERVICES_FILE).exists()
    return is_ours and folder not in (ROOT, *ROOT.parents, Path.home())


def main() -> int:
    """Empty the folder; 1 when a platform runs in it or when it is not a platform's."""
    var = read_environment().OGC_VAR
    if not var.exists() or not any(var.iterdir()):
        say(f"{var} is empty.")
        return 0
    if not is_data_folder(var):
        say(f"{var} was not made by `make run`, nothing was deleted.")
        return 1
    lock = lock_data_folder(var)
    if lock is None:
        say(f"A platform runs in {var}: stop it first.")
        return 1
    for path in var.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    say(f"{var} is empty.")
    return 0


def say(text: str) -> None:
    """Print one line."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
