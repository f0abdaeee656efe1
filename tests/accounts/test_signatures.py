"""Signatures over texts: what a key made, and everything else."""

import pytest
from eth_account.messages import _hash_eip191_message, encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from accounts.signatures import signature_bytes, signer_of, text_digest
from tests.factories.addresses import key, mirrored, signed

TEXT = "a text\nwith ünicode"


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_the_digest_is_that_of_wallets(text):
    assert text_digest(text) == _hash_eip191_message(encode_defunct(text=text))


def test_the_signer_is_found_with_either_spelling_of_v():
    account = key()
    data = signature_bytes(signed(TEXT, account))
    assert data[64] in (27, 28)
    for v in (data[64], data[64] - 27):
        assert signer_of(text_digest(TEXT), data[:64] + bytes([v])) == account.address


def test_another_text_has_another_signer():
    account = key()
    assert signer_of(text_digest(TEXT + " "), signature_bytes(signed(TEXT, account))) != account.address


def test_the_mirror_image_is_refused():
    account = key()
    data = signature_bytes(mirrored(signed(TEXT, account)))
    assert len(data) == 65
    assert signer_of(text_digest(TEXT), data) is None


@pytest.mark.parametrize("v", [2, 26, 29, 31, 37, 255])
def test_no_other_v_is_taken(v):
    data = signature_bytes(signed(TEXT, key()))
    assert signer_of(text_digest(TEXT), data[:64] + bytes([v])) is None


@given(st.binary(max_size=70))
def test_any_bytes_are_answered(data):
    assert signer_of(b"\x01" * 32, data) is None or len(data) == 65


@pytest.mark.parametrize("r", [0, 1, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, 2**256 - 1])
@pytest.mark.parametrize("v", [0, 27, 28])
def test_numbers_at_the_edges_are_answered(r, s, v):
    data = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([v])
    answer = signer_of(b"\x01" * 32, data)
    assert answer is None or answer.startswith("0x")


@pytest.mark.parametrize(
    "text", ["", "0x1", "0xzz", "1234", "0X12", "0x12 ", " 0x12", "0x12\n", "0x١٢", "0x" + "00" * 4097]
)
def test_what_is_no_hex_is_no_signature(text):
    assert signature_bytes(text) is None


def test_hex_is_read():
    assert (signature_bytes("0x"), signature_bytes("0xaB01")) == (b"", b"\xab\x01")
