import json
import socket
import time
from pathlib import Path

import pytest

from ogc.local import services
from ogc.local.services import Service, ServiceUnavailable, anvil, free_port, keep_last_good_state, valkey


def block_number(url: str) -> int:
    from ogc.local.http import ask_node

    return int(ask_node(url, "eth_blockNumber"), 16)


def test_a_taken_port_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert not services.port_is_free(port)
        assert free_port(port) != port


def test_valkey_keeps_its_data_over_a_kill(tmp_path: Path) -> None:
    from redis import Redis

    with valkey(tmp_path, free_port(), persist=True) as server:
        Redis.from_url(server.url).set("key", "value")
        server.kill()
        server.start()

        assert Redis.from_url(server.url).get("key") == b"value"


def test_the_chain_goes_on_from_its_state_file_however_often_it_starts(tmp_path: Path) -> None:
    from ogc.local.http import ask_node

    seen = set()
    node = anvil(tmp_path, free_port(), persist=True)
    for start in range(5):
        with node:
            ask_node(node.url, "evm_mine")
            seen.add(ask_node(node.url, "eth_getBlockByNumber", "0x0", False)["hash"])
            assert block_number(node.url) > start
        time.sleep(1)  # blocks of the same second are the same block
    assert len(seen) == 1


def test_finality_is_two_blocks_behind(tmp_path: Path) -> None:
    from ogc.local.http import ask_node

    with anvil(tmp_path, free_port(), persist=False) as node:
        ask_node(node.url, "anvil_mine", 5)

        final = int(ask_node(node.url, "eth_getBlockByNumber", "finalized", False)["number"], 16)
        assert block_number(node.url) - final == 2


def test_half_a_state_file_is_replaced_by_the_last_good_one(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"block": 7}))
    keep_last_good_state(state)
    state.write_text('{"block": 8, "acc')

    keep_last_good_state(state)

    assert json.loads(state.read_text()) == {"block": 7}


def test_the_first_genesis_stays_the_only_one(tmp_path: Path) -> None:
    def header(number: int, timestamp: int) -> dict[str, dict[str, str]]:
        return {"header": {"number": hex(number), "timestamp": hex(timestamp)}}

    state = tmp_path / "state.json"
    blocks = [header(0, 0x30), header(2, 0x20), header(0, 0x10), header(1, 0x20)]
    state.write_text(json.dumps({"blocks": blocks, "best": 2}))

    keep_last_good_state(state)

    kept = {"blocks": [header(2, 0x20), header(0, 0x10), header(1, 0x20)], "best": 2}
    assert json.loads(state.read_text()) == kept
    assert json.loads(state.with_suffix(".last-good.json").read_text()) == kept


def test_a_service_that_ends_at_once_says_why(tmp_path: Path) -> None:
    broken = Service("broken", "", ["/bin/sh", "-c", "echo out of luck; exit 3"], tmp_path, lambda: False)

    with pytest.raises(ServiceUnavailable, match="out of luck"):
        broken.start()
