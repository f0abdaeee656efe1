"""Amounts: one spelling in, one spelling out, and nothing between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ogc.amounts import (
    BASE_UNITS_PER_OGC,
    SUPPLY_BASE_UNITS,
    format_amount,
    from_wei,
    parse_amount,
    parse_signed_amount,
    to_wei,
)
from ogc.errors import InvalidAmount

REFUSED = [
    "",
    " ",
    "0",
    "0.0",
    "0.000000000",
    "-1",
    "+1",
    "-0",
    "1.",
    ".5",
    "00",
    "01",
    "00.5",
    "1.0000000001",
    "1e3",
    "1E3",
    "NaN",
    "Infinity",
    "inf",
    "-inf",
    "0x10",
    "1,5",
    "1 000",
    " 1",
    "1 ",
    "1\n",
    "1_000",
    "١",
    "１",
    "1.5.2",
    "5e-1",
    "500000000.000000001",
    "500000001",
    "9999999999",
    "1" * 400,
    "1." + "0" * 40,
    "null",
    "true",
    None,
    1,
    1.5,
    0,
    True,
    False,
    [],
    ["1"],
    {},
    {"amount": "1"},
    b"1",
    10**30,
]


@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_refuses_every_bad_form(text):
    with pytest.raises(InvalidAmount) as caught:
        parse_amount(text)
    assert caught.value.code == "INVALID_AMOUNT"


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("12.5", 12_500_000_000),
        ("0.000000001", 1),
        ("1", 10**9),
        ("1.0", 10**9),
        ("1.10", 1_100_000_000),
        ("500000000", SUPPLY_BASE_UNITS),
        ("499999999.999999999", SUPPLY_BASE_UNITS - 1),
    ],
)
def test_parses_decimal_strings_exactly(text, units):
    assert parse_amount(text) == units


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (0, "0"),
        (1, "0.000000001"),
        (10**9, "1"),
        (12_500_000_000, "12.5"),
        (-12_500_000_000, "-12.5"),
        (-1, "-0.000000001"),
        (10 * 10**9, "10"),
        (SUPPLY_BASE_UNITS, "500000000"),
        (-SUPPLY_BASE_UNITS, "-500000000"),
    ],
)
def test_formats_the_shortest_decimal_string(units, text):
    assert format_amount(units) == text


@given(st.integers(1, SUPPLY_BASE_UNITS))
def test_what_is_formatted_parses_to_the_same(units):
    assert parse_amount(format_amount(units)) == units
    assert parse_signed_amount(format_amount(-units)) == -units


@given(st.text(alphabet="0123456789.-+eE_ ,x", max_size=24))
def test_an_accepted_text_has_no_second_meaning(text):
    try:
        units = parse_amount(text)
    except InvalidAmount:
        return
    whole, _, fraction = text.partition(".")
    assert units == int(whole) * BASE_UNITS_PER_OGC + int(fraction.ljust(9, "0") or "0")
    assert 0 < units <= SUPPLY_BASE_UNITS


@pytest.mark.parametrize("text", ["--1", "-", "-0", "-0.0", "- 1", "−1", "+1", "-500000001", None, -1])
def test_a_signed_amount_has_one_minus_at_most(text):
    with pytest.raises(InvalidAmount):
        parse_signed_amount(text)


@given(st.integers(0, 2**256 - 1))
def test_wei_is_units_and_dust_without_loss(wei):
    units, dust = from_wei(wei)
    assert to_wei(units) + dust == wei
    assert 0 <= dust < 10**9
