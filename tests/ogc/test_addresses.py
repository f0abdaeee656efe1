"""Addresses: several spellings in, one out, and no wrong checksum."""

import pytest

from ogc.addresses import read_address

EIP_55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
"""The examples of the standard: by their checksum the first two are all capitals, the next two small."""

MIXED = EIP_55[4]


@pytest.mark.parametrize("address", EIP_55)
def test_the_examples_of_the_standard_are_read_in_each_spelling(address):
    spellings = [address, address.lower(), address.upper(), "0x" + address[2:].upper(), "0X" + address[2:]]
    assert [read_address(spelling) for spelling in spellings] == [address] * 5


@pytest.mark.parametrize("place", range(2, 42))
def test_one_letter_of_the_wrong_size_is_refused(place):
    letter = MIXED[place]
    wrong = MIXED[:place] + letter.swapcase() + MIXED[place + 1 :]
    assert read_address(wrong) == (MIXED if letter.isdigit() else None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0x",
        MIXED[2:],
        MIXED[:-1],
        MIXED + "0",
        MIXED + "\n",
        " " + MIXED,
        "0y" + MIXED[2:],
        "0x" + MIXED[2:].swapcase(),
        "0x" + "g" * 40,
        "0x" + "٣" * 40,
        "0x" + "0" * 40,
        None,
        1,
        MIXED.encode(),
        [MIXED],
    ],
)
def test_what_is_no_address_is_refused(text):
    assert read_address(text) is None
