"""`make setup`: installs what a clone needs, and nothing else (standard library only).

System packages where they are missing and may be installed (root on Debian), `.venv` from the pinned
requirements, the local EVM node by npm. What can't be had is named at the end and the rest works; with
CI=true it is a failure. Safe to repeat, and quick when nothing is missing: a stamp in `.venv` holds the
hash of the requirement files.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".ogc-installed.json"
ANVIL = ROOT / "node_modules" / ".bin" / "anvil"
REQUIREMENTS = {"run": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}
MINIMUM_PYTHON = (3, 11)


class SetupFailed(RuntimeError):
    """Set-up can't go on; the text says what to do."""


def say(text: str) -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201


def run(*command: str | Path, env: dict[str, str] | None = None) -> bool:
    """Run a command in the project's folder; its output is shown only when it fails."""
    started = time.monotonic()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        say(f"  {' '.join(str(part) for part in command)} failed:\n{done.stdout[-3000:]}")
    else:
        say(f"  done in {time.monotonic() - started:.1f} s")
    return done.returncode == 0


def has_program(*names: str) -> bool:
    """Whether one of the programs is installed, also where Debian hides servers from ordinary users."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    return any(shutil.which(name, path=path) for name in names)


def can_make_venv() -> bool:
    """Whether `venv` can put pip into a new environment (Debian splits that off into a package)."""
    return importlib.util.find_spec("ensurepip") is not None


def has_mysql_headers() -> bool:
    """Whether mysqlclient can be built: a compiler, Python's headers, and the client library's."""
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    if not (has_program("gcc", "cc") and has_program("pkg-config") and headers.exists()):
        return False
    libraries = ("mysqlclient", "libmariadb", "mariadb")
    return any(
        subprocess.run(["pkg-config", "--exists", name], check=False).returncode == 0 for name in libraries
    )


def missing_packages(*, dev: bool) -> list[str]:
    """Debian packages that would make everything work, of those not here yet."""
    wanted = []
    if not can_make_venv() and not VENV_PYTHON.exists():
        wanted.append("python3-venv")
    if not has_mysql_headers() and not has_mysql_driver():
        wanted += ["gcc", "pkg-config", "python3-dev", "libmariadb-dev"]
    if dev and not has_program("mariadbd"):
        wanted.append("mariadb-server")
    if dev and not has_program("chromium", "chromium-browser", "google-chrome"):
        wanted += ["chromium", "fonts-dejavu-core"]
    return wanted


def install_packages(*, dev: bool) -> None:
    """Install missing system packages where that is possible; `still_missing` names the rest."""
    wanted = missing_packages(dev=dev)
    if not wanted or os.geteuid() != 0 or not has_program("apt-get"):
        return
    say(f"Installing system packages: {' '.join(wanted)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    if run("apt-get", "update", "-q", env=quiet):
        run("apt-get", "install", "-y", "-q", "--no-install-recommends", *wanted, env=quiet)


def site_packages() -> Path | None:
    """The folder of the installed packages, None before the environment exists."""
    return next((VENV / "lib").glob("python3*/site-packages"), None)


def has_mysql_driver() -> bool:
    """Whether mysqlclient is in the environment."""
    packages = site_packages()
    return packages is not None and (packages / "MySQLdb").exists()


def fingerprint(requirements: Path) -> str:
    """Hash of what decides about the content of the environment."""
    content = requirements.read_bytes() + f"{sys.version_info[:2]} {VENV}".encode()
    return hashlib.sha256(content).hexdigest()


def read_stamp() -> dict[str, str]:
    """Fingerprints of the installed requirement files, by kind."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def make_venv() -> list[str]:
    """Make the environment when it is not there or its Python is gone; returns the pip command for it.

    Raises:
        SetupFailed: this Python has neither ensurepip nor pip.
    """
    works = VENV_PYTHON.exists() and subprocess.run([VENV_PYTHON, "-c", ""], check=False).returncode == 0
    own_pip = [str(VENV_PYTHON), "-m", "pip"]
    if works and subprocess.run([*own_pip, "--version"], capture_output=True, check=False).returncode == 0:
        return own_pip
    say(f"Creating .venv with Python {sys.version.split()[0]}")
    if can_make_venv():
        if not run(sys.executable, "-m", "venv", "--clear", VENV):
            raise SetupFailed("The virtual environment could not be created.")
        return own_pip
    if importlib.util.find_spec("pip") is None:
        raise SetupFailed("Python has neither venv nor pip. As root: apt-get install python3-venv")
    if not run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV):
        raise SetupFailed("The virtual environment could not be created.")
    return [sys.executable, "-m", "pip", "--python", str(VENV_PYTHON)]


def install_python(kind: str) -> None:
    """Install the pinned packages of requirements(-dev).txt; the MySQL driver apart, since it is built here.

    Raises:
        SetupFailed: a package other than the MySQL driver can't be installed.
    """
    requirements = REQUIREMENTS[kind]
    installed = read_stamp()
    up_to_date = installed.get(kind) == fingerprint(requirements) and VENV_PYTHON.exists()
    if up_to_date and (has_mysql_driver() or not has_mysql_headers()):
        return
    pip = [*make_venv(), "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    lines = requirements.read_text().splitlines(keepends=True)
    driver = next((line.strip() for line in lines if line.startswith("mysqlclient==")), "")
    if not up_to_date:
        count = sum("==" in line for line in lines)
        say(f"Installing {count} Python packages from {requirements.name} (a minute or two)")
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as rest:
            rest.writelines(line for line in lines if not line.startswith("mysqlclient=="))
            rest.flush()
            if not run(*pip, "-r", rest.name):
                raise SetupFailed("The Python packages could not be installed.")
    if driver and has_mysql_headers():
        say("Building the MySQL and MariaDB driver")
        run(*pip, driver)
    kinds = ("run", "dev") if kind == "dev" else ("run",)
    STAMP.write_text(json.dumps({**installed, **{name: fingerprint(REQUIREMENTS[name]) for name in kinds}}))


def install_node() -> None:
    """Install the local EVM node by npm when it is not there in the wanted version."""
    wanted = json.loads((ROOT / "package.json").read_text())["optionalDependencies"]
    version = next(iter(wanted.values()))
    if ANVIL.exists():
        found = subprocess.run([ANVIL, "--version"], capture_output=True, text=True, check=False).stdout
        if f"Version: {version}" in found:
            return
    if has_program("npm"):
        say(f"Installing the local EVM node (anvil {version})")
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def still_missing(*, dev: bool) -> list[str]:
    """What could not be had, each with what it means and how to get it."""
    missing = []
    if not has_mysql_driver():
        missing.append(
            "MySQL and MariaDB driver: SQLite works. "
            "As root: apt-get install gcc pkg-config python3-dev libmariadb-dev"
        )
    if not ANVIL.exists() and not has_program("anvil"):
        missing.append(
            "local EVM node: `make run` needs it or CHAIN_RPC_URLS. "
            "Install Node 20 with npm (Linux on x86-64) or put `anvil` into PATH"
        )
    if dev and not has_program("mariadbd"):
        missing.append("MariaDB server: its tests are skipped. As root: apt-get install mariadb-server")
    if dev and not has_program("chromium", "chromium-browser", "google-chrome"):
        missing.append(
            "Chromium: browser tests are skipped. As root: apt-get install chromium fonts-dejavu-core"
        )
    return missing


def main() -> int:
    """Set everything up; 0 when the platform can start."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    dev = parser.parse_args().dev
    if sys.version_info < MINIMUM_PYTHON:
        say(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}: make PYTHON=python3.11 …")
        return 1
    try:
        install_packages(dev=dev)
        install_python("dev" if dev else "run")
        install_node()
    except SetupFailed as failure:
        say(str(failure))
        return 1
    missing = still_missing(dev=dev)
    for line in missing:
        say(f"Not available: {line}")
    return 1 if missing and os.environ.get("CI", "").lower() in {"1", "true"} else 0


if __name__ == "__main__":
    sys.exit(main())
