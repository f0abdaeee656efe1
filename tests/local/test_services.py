import json
import socket
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


def test_the_chain_goes_on_from_its_state_file(tmp_path: Path) -> None:
    from ogc.local.http import ask_node

    port = free_port()
    with anvil(tmp_path, port, persist=True) as node:
        ask_node(node.url, "evm_mine")
        genesis = ask_node(node.url, "eth_getBlockByNumber", "0x0", False)["hash"]
        before = block_number(node.url)
    with anvil(tmp_path, port, persist=True) as node:
        assert block_number(node.url) >= before
        assert ask_node(node.url, "eth_getBlockByNumber", "0x0", False)["hash"] == genesis


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


def test_a_service_that_ends_at_once_says_why(tmp_path: Path) -> None:
    broken = Service("broken", "", ["/bin/sh", "-c", "echo out of luck; exit 3"], tmp_path, lambda: False)

    with pytest.raises(ServiceUnavailable, match="out of luck"):
        broken.start()
