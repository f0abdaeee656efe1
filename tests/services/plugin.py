"""Pytest plugin: starts the real services before Django reads its settings, and stops them at the end.

Loaded by tests/conftest.py. Every pytest process (also every xdist worker) gets a Valkey server and a data
folder of its own; the EVM node and MariaDB (`--mariadb`, shared by the workers) start when asked for.
A service that is configured in the environment (REDIS_URL, CHAIN_RPC_URLS, DATABASE_URL) is used as it is.
"""

import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest

from ogc.local.ports import rpc_url
from ogc.local.services import Service, ServiceUnavailable, anvil, free_port, valkey
from tests.services.mariadb import mariadb

_OWNED = "OGC_TEST_OWNED"  # names of the settings that an outer pytest process of this run made up
_services: dict[str, Service] = {}
_folder = Path(tempfile.gettempdir())


def cannot_run(reason: str) -> None:
    """Skip because something is missing on this machine; with CI=true that is a failure."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"can't run with CI=true: {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add `--mariadb`, start the services, then Django, so that every conftest may import models."""
    parser.getgroup("ogc").addoption("--mariadb", action="store_true", help="run on a private MariaDB server")
    config = pluginmanager.get_plugin("pytestconfig")
    arguments = config.invocation_params.args if config else ()
    config.add_cleanup(_stop)
    _start(on_mariadb="--mariadb" in arguments)
    django.setup()


def _start(*, on_mariadb: bool) -> None:
    """Start what is not configured, and write its address to the environment."""
    global _folder
    _folder = Path(tempfile.mkdtemp(prefix="ogc-test-"))
    outer = set(filter(None, os.environ.get(_OWNED, "").split(",")))
    mine = {name for name in ("REDIS_URL", "CHAIN_RPC_URLS") if name in outer or not os.environ.get(name)}
    os.environ[_OWNED] = ",".join(sorted(mine))
    os.environ["OGC_VAR"] = str(_folder / "var")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ogc.settings.test")
    (_folder / "var").mkdir()
    if "REDIS_URL" in mine:
        _services["valkey"] = valkey(_folder / "valkey", free_port(), persist=False).start()
        os.environ["REDIS_URL"] = _services["valkey"].url
    if "CHAIN_RPC_URLS" in mine:
        os.environ["CHAIN_RPC_URLS"] = rpc_url(free_port())
    if on_mariadb and not os.environ.get("DATABASE_URL"):
        _services["mariadb"] = mariadb(_folder / "mariadb").start()
        os.environ["DATABASE_URL"] = _services["mariadb"].url


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each worker read the settings when its own services are up, as this process did.

    A worker that inherits the name of the settings module reads them before any conftest, with the addresses
    of this process.
    """
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def _stop() -> None:
    for service in _services.values():
        service.stop()
    shutil.rmtree(_folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `chain` get the EVM node; those marked `concurrency` need MariaDB."""
    for item in items:
        if item.get_closest_marker("chain") and isinstance(item, pytest.Function):
            item.fixturenames.insert(0, "evm_node")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests with real connections at once mean MariaDB; elsewhere they are not run."""
    if item.get_closest_marker("concurrency"):
        from django.db import connection

        if connection.vendor != "mysql":
            pytest.skip("runs on MariaDB only: pytest --mariadb")


@pytest.fixture(scope="session")
def evm_node() -> str:
    """Address of a running EVM node, one per pytest process; tests marked `chain` get it without asking."""
    url = os.environ["CHAIN_RPC_URLS"].split(",")[0]
    if "CHAIN_RPC_URLS" in os.environ[_OWNED].split(",") and "anvil" not in _services:
        port = int(url.rsplit(":", 1)[1])
        try:
            _services["anvil"] = anvil(_folder / "anvil", port, persist=False).start()
        except ServiceUnavailable as error:
            cannot_run(str(error))
    return url


@pytest.fixture(scope="session")
def valkey_server() -> Service:
    """The Valkey server of this pytest process, to stop, kill and start again in fault tests."""
    if "valkey" not in _services:
        cannot_run("REDIS_URL is configured, the server is not ours")
    return _services["valkey"]


@pytest.fixture(scope="session")
def mariadb_server() -> Service:
    """The private MariaDB server (`--mariadb`), to kill and start again in fault tests."""
    if "mariadb" not in _services:
        pytest.skip("runs with pytest --mariadb only")
    return _services["mariadb"]


def pytest_configure() -> None:
    """Load the settings, now that the services that they name are there."""
    import django

    django.setup()
