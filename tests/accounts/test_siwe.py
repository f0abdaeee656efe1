"""EIP-4361 texts: the standard's examples, any message there and back, and whatever is not one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.siwe import MessageMalformed, SiweMessage, instant, message_parse, message_text

ADDRESS = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
MESSAGE = f"""https://example.com:3388 wants you to sign in with your Ethereum account:
{ADDRESS}

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Expiration Time: 2021-09-30T16:30:24.5+02:00
Not Before: 2021-09-30T16:25:24Z
Request ID: some-id
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""

LETTERS = "abcXYZ"
DIGITS = "0123456789"
UNRESERVED = LETTERS + DIGITS + "-._~"
RESERVED = ":/?#[]@!$&'()*+,;="
PCHARS = UNRESERVED + "!$&'()*+,;=:@"

hosts = st.sampled_from(["example.com", "127.0.0.1", "[::1]", "[2001:db8::2]", "a.b-c.d", "x%20y"])
ports = st.sampled_from(["", ":8000", ":"])
users = st.sampled_from(["", "", "me@", "me:secret@"])
domains = st.builds("{}{}{}".format, users, hosts, ports)
segments = st.text(PCHARS, max_size=6)
paths = st.lists(segments, max_size=3).map(lambda parts: "".join(f"/{part}" for part in parts))
queries = st.text(PCHARS + "/?", max_size=6)
uris = st.one_of(
    st.builds("{}://{}{}".format, st.sampled_from(["https", "ipfs", "a+b"]), domains, paths),
    st.builds("https://example.com?{}#{}".format, queries, queries),
    st.builds("did:key:{}".format, st.text(PCHARS, max_size=6)),
    st.just("urn:"),
)
zones = st.sampled_from(["Z", "z", "+00:00", "-11:30"])
fractions = st.sampled_from(["", ".0", ".123", ".123456789"])
times = st.builds(
    "{:%Y-%m-%dT%H:%M:%S}{}{}".format,
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)),
    fractions,
    zones,
)
messages = st.builds(
    SiweMessage,
    domain=domains,
    address=st.binary(min_size=20, max_size=20).map(to_checksum_address),
    uri=uris,
    chain_id=st.integers(0, 2**64),
    nonce=st.text(LETTERS + DIGITS, min_size=8, max_size=40),
    issued_at=times,
    scheme=st.sampled_from([None, "https", "http", "a+b.c-d"]),
    statement=st.one_of(st.none(), st.text(UNRESERVED + RESERVED + " ", max_size=40)),
    expiration_time=st.one_of(st.none(), times),
    not_before=st.one_of(st.none(), times),
    request_id=st.one_of(st.none(), st.text(PCHARS, max_size=8)),
    resources=st.one_of(st.none(), st.lists(uris, max_size=3).map(tuple)),
)


def parsed(text: str) -> SiweMessage | None:
    try:
        return message_parse(text)
    except MessageMalformed:
        return None


def test_the_example_of_the_standard_says_what_it_says():
    message = message_parse(MESSAGE)
    assert (message.scheme, message.domain) == ("https", "example.com:3388")
    assert message.statement == "I accept the ExampleOrg Terms of Service: https://example.com/tos"
    assert (message.chain_id, message.nonce, message.request_id) == (1, "32891756", "some-id")
    assert message.resources == (
        "ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/",
        "https://example.com/my-web2-claim.json",
    )
    assert instant(message.expiration_time) == datetime(2021, 9, 30, 14, 30, 24, 500000, UTC)


@given(messages)
def test_what_is_written_is_read_again(message):
    assert message_parse(message_text(message)) == message


@given(messages, st.data())
def test_one_changed_character_is_refused_or_means_something_else(message, data):
    text = message_text(message)
    place = data.draw(st.integers(0, len(text) - 1))
    change = data.draw(st.sampled_from(["", "\n", "\r\n", " ", "0", "a", "A", "é", "\x00", text[place] * 2]))
    mutated = text[:place] + change + text[place + 1 :]
    other = parsed(mutated)
    if mutated != text and other is not None:
        assert other != message
        assert message_text(other) == mutated


@given(st.text(max_size=300))
@example("")
@example("x" * 5000)
def test_any_text_is_read_or_refused(text):
    message = parsed(text)
    assert message is None or message_text(message) == text


@given(messages, st.data())
def test_lines_in_another_order_are_refused(message, data):
    lines = message_text(message).split("\n")
    shuffled = data.draw(st.permutations(lines))
    other = parsed("\n".join(shuffled))
    assert other is None or message_text(other) == "\n".join(shuffled)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        (ADDRESS, ADDRESS.lower()),
        (ADDRESS, ADDRESS.upper()),
        (ADDRESS, "0x" + ADDRESS[2:].swapcase()),
        (ADDRESS, ADDRESS[:-1]),
        (ADDRESS, ADDRESS + "0"),
        ("Version: 1", "Version: 2"),
        ("Version: 1", "version: 1"),
        ("Version: 1", "Version:  1"),
        ("Chain ID: 1", "Chain ID: 01"),
        ("Chain ID: 1", "Chain ID: 0x1"),
        ("Chain ID: 1", "Chain ID: +1"),
        ("Chain ID: 1", "Chain ID: ١"),
        ("Chain ID: 1", "Chain ID: " + "9" * 1000),
        ("32891756", "3289175"),
        ("32891756", "32891-56"),
        ("32891756", "3289175６"),
        ("2021-09-30T16:25:24Z", "2021-02-30T16:25:24Z"),
        ("2021-09-30T16:25:24Z", "2021-09-30T24:00:00Z"),
        ("2021-09-30T16:25:24Z", "2021-09-30T16:25:60Z"),
        ("2021-09-30T16:25:24Z", "2021-09-30 16:25:24Z"),
        ("2021-09-30T16:25:24Z", "2021-09-30T16:25:24"),
        ("2021-09-30T16:25:24Z", "2021-09-30T16:25:24+24:00"),
        ("2021-09-30T16:25:24Z", "0000-09-30T16:25:24Z"),
        ("2021-09-30T16:25:24Z", "0001-01-01T00:00:00+10:00"),
        ("2021-09-30T16:25:24Z", "1632000000"),
        ("I accept", "Ich akzeptiere für"),
        ("I accept", "I\naccept"),
        ("I accept", 'I "accept"'),
        ("https://example.com/login", "example.com/login"),
        ("https://example.com/login", "https://example.com/log in"),
        ("https://example.com/login", "https://[::1::2]/login"),
        ("https://example.com/login", "https://example.com/%zz"),
        ("https://example.com:3388 ", "https:// "),
        ("https://example.com:3388 ", "https://example.com:port "),
        ("https://example.com:3388 ", "https://example.com/path "),
        ("https://example.com:3388 ", "https://[fe80::1%eth0] "),
        ("https://example.com:3388 ", "1https://example.com "),
        ("some-id", "some/id"),
        ("- ipfs", "ipfs"),
        ("- ipfs", "-  ipfs"),
        ("Resources:", "Resources: "),
        ("Not Before: 2021-09-30T16:25:24Z\n", "Not Before: \n"),
        ("Ethereum account:", "Ethereum account"),
    ],
)
def test_what_breaks_the_grammar_is_refused(old, new):
    assert old in MESSAGE
    with pytest.raises(MessageMalformed):
        message_parse(MESSAGE.replace(old, new))


@pytest.mark.parametrize("edge", ["\n", " ", "\t", "\ufeff", "\x00"])
def test_nothing_stands_before_or_behind(edge):
    assert parsed(edge + MESSAGE) is None
    assert parsed(MESSAGE + edge) is None


def test_no_statement_and_an_empty_one_are_two_things():
    none, empty = (with_statement(text) for text in (None, ""))
    assert none != empty
    assert (message_parse(none).statement, message_parse(empty).statement) == (None, "")


def test_a_statement_that_looks_like_a_field_is_a_statement():
    text = with_statement("URI: https://evil.com")
    assert message_parse(text).uri == "https://example.com/login"


def test_a_long_text_is_refused():
    long = MESSAGE.replace("I accept", "I accept " + "x" * 4096)
    with pytest.raises(MessageMalformed):
        message_parse(long)


def with_statement(statement: str | None) -> str:
    return message_text(replace(message_parse(MESSAGE), statement=statement))
