"""Public ids: UUIDv7 in one spelling, in the order of their making."""

import time
import uuid

import pytest

from ogc import ids


def test_an_id_is_a_version_7_uuid_of_this_moment():
    before = time.time_ns() // 1_000_000
    text = ids.uuid7()
    after = time.time_ns() // 1_000_000
    parsed = uuid.UUID(text)
    assert str(parsed) == text
    assert parsed.version == 7
    assert parsed.variant == uuid.RFC_4122
    assert before <= parsed.int >> 80 <= after
    assert ids.is_public_id(text)


def test_ids_are_ordered_by_the_time_of_their_making(monkeypatch):
    start = time.time_ns()
    made = []
    for step in range(5000):
        # 300 ns apart, across milliseconds: the fraction of a millisecond takes part in the order.
        monkeypatch.setattr(ids.time, "time_ns", lambda at=start + step * 300: at)
        made.append(ids.uuid7())
    assert made == sorted(made)
    assert len(set(made)) == 5000


def test_ids_of_one_instant_differ(monkeypatch):
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_800_000_000_000_000_000)
    assert len({ids.uuid7() for _ in range(1000)}) == 1000


GOOD = "0190163d-8694-739b-aea5-966c26f8ad91"


@pytest.mark.parametrize(
    "text",
    [
        GOOD.upper(),
        GOOD.replace("-", ""),
        f"{{{GOOD}}}",
        f"urn:uuid:{GOOD}",
        f" {GOOD}",
        f"{GOOD}\n",
        GOOD[:-1],
        GOOD + "0",
        "0190163d-8694-439b-aea5-966c26f8ad91",
        "0190163d-8694-739b-cea5-966c26f8ad91",
        "3a4bb2c5-b81d-481f-ae30-f23ebc504051",
        "",
        "1",
        None,
        1,
        uuid.UUID(GOOD),
        GOOD.encode(),
        [GOOD],
        "٠190163d-8694-739b-aea5-966c26f8ad91",
    ],
    ids=repr,
)
def test_other_spellings_are_no_ids(text):
    assert ids.is_public_id(GOOD)
    assert not ids.is_public_id(text)
