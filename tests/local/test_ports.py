from pathlib import Path

from ogc.local.ports import remember_ports, remembered_ports, service_urls


def test_addresses_derive_from_the_port(tmp_path: Path) -> None:
    assert service_urls(tmp_path, 8100) == {
        "redis_url": "redis://127.0.0.1:8102/0",
        "rpc_url": "http://127.0.0.1:8103",
    }


def test_the_ports_of_a_running_platform_win(tmp_path: Path) -> None:
    remember_ports(tmp_path, redis=41000, rpc=41001)

    assert service_urls(tmp_path, 8100) == {
        "redis_url": "redis://127.0.0.1:41000/0",
        "rpc_url": "http://127.0.0.1:41001",
    }


def test_a_broken_file_counts_as_none(tmp_path: Path) -> None:
    for content in ("", "[]", '{"redis": 1}', '{"redis": null, "rpc": 2}', "{"):
        (tmp_path / "services.json").write_text(content)
        assert remembered_ports(tmp_path) == {}
