"""Rate texts."""

import pytest

from ogc.rates import Rate, parse_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/h", Rate(10, 3600)),
        ("5/5m", Rate(5, 300)),
        ("300/m", Rate(300, 60)),
        ("1/s", Rate(1, 1)),
        ("7/2d", Rate(7, 172800)),
        ("off", None),
    ],
)
def test_a_rate_is_calls_in_seconds(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text",
    ["", "0/m", "-1/m", "5", "5/", "/m", "5/0m", "5/x", "5/M", "5 / m", "OFF", "1.5/m", "5/5m\n", "٣/m"],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="a rate such as 10/h"):
        parse_rate(text)
