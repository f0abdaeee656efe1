from pathlib import Path

import pytest

from ogc.local import reset
from ogc.local.run import lock_data_folder
from ogc.settings.environment import read_environment


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "mail").mkdir()
    (folder / "mail" / "one.eml").write_text("…")
    monkeypatch.setattr(
        reset, "read_environment", lambda: read_environment().model_copy(update={"OGC_VAR": folder})
    )
    return folder


def test_a_platforms_folder_is_emptied(var: Path) -> None:
    (var / "services.json").write_text("{}")

    assert reset.main() == 0

    assert list(var.iterdir()) == [] or [path.name for path in var.iterdir()] == ["run.lock"]


def test_a_foreign_folder_is_left_alone(var: Path) -> None:
    assert reset.main() == 1

    assert (var / "mail" / "one.eml").exists()


def test_a_running_platforms_folder_is_left_alone(var: Path) -> None:
    lock = lock_data_folder(var)
    assert lock is not None

    assert reset.main() == 1

    assert (var / "mail" / "one.eml").exists()
    lock.close()
