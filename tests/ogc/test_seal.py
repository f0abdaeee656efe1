"""Seals and signatures: bound to purpose and context, old keys still open, nothing else does."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ogc.seal import SealBroken, seal, sign, signature_matches, unseal

OLD, NEW = b"o" * 32, b"n" * 32


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_is_sealed_opens_again(plain, context):
    assert unseal("test", seal("test", plain, context), context) == plain


def test_two_seals_of_the_same_differ():
    assert seal("test", b"x") != seal("test", b"x")
    assert b"secret-text" not in seal("test", b"secret-text")


@pytest.mark.parametrize(("purpose", "context"), [("other", b"here"), ("test", b"there"), ("test", b"")])
def test_another_purpose_or_context_opens_nothing(purpose, context):
    with pytest.raises(SealBroken):
        unseal(purpose, seal("test", b"x", b"here"), context)


def test_each_changed_byte_and_each_shorter_length_breaks_the_seal():
    sealed = seal("test", b"payload")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            unseal("test", bytes(changed))
        with pytest.raises(SealBroken):
            unseal("test", sealed[:position])
    with pytest.raises(SealBroken):
        unseal("test", sealed + b"\0")


@given(st.binary(max_size=100))
def test_garbage_opens_nothing(garbage):
    with pytest.raises(SealBroken):
        unseal("test", garbage)


def test_a_rotated_key_opens_what_it_sealed_and_seals_no_more(settings):
    settings.SECRETS_KEYS = [OLD]
    sealed, signature = seal("test", b"x"), sign("test", "a")
    settings.SECRETS_KEYS = [NEW, OLD]
    assert unseal("test", sealed) == b"x"
    assert signature_matches("test", signature, "a")
    assert sign("test", "a") != signature
    renewed = seal("test", b"x")
    settings.SECRETS_KEYS = [NEW]
    assert unseal("test", renewed) == b"x"
    with pytest.raises(SealBroken):
        unseal("test", sealed)
    assert not signature_matches("test", signature, "a")


def test_a_signature_is_of_one_purpose_and_these_parts_in_this_order():
    signature = sign("mail", "1", "2")
    assert signature_matches("mail", signature, "1", "2")
    assert not signature_matches("mail", signature, "2", "1")
    assert not signature_matches("mail", signature, "12")
    assert not signature_matches("mail", signature, "1", "2", "")
    assert not signature_matches("post", signature, "1", "2")
    assert not signature_matches("mail", signature[:-1], "1", "2")
    assert not signature_matches("mail", "", "1", "2")
    assert not signature_matches("mail", "é" * 43, "1", "2")


def test_parts_that_join_alike_have_different_signatures():
    assert sign("mail", "a\x1fb") != sign("mail", "a", "b")
    assert sign("mail", "", "a") != sign("mail", "a", "")


def test_a_signature_is_url_safe_and_has_256_bits():
    signature = sign("mail", os.urandom(8).hex())
    assert len(signature) == 43
    assert set(signature) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
