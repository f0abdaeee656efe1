"""Log lines: JSON whatever is in them, with the ids of the story, without its secrets."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ogc import context
from ogc.logs import MASK, JsonFormatter, mask

FORMATTER = JsonFormatter()


def line(message="hello", *args, exc_info=None, **extra):
    record = logging.getLogger("test").makeRecord(
        "test", logging.INFO, "file", 1, message, args, exc_info, extra=extra
    )
    text = FORMATTER.format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_has_time_level_logger_message_and_extras():
    found = line("hello %s", "you", amount=5)
    assert found.pop("time").endswith("Z")
    assert found == {"level": "INFO", "logger": "test", "message": "hello you", "amount": 5}


def test_a_line_carries_the_ids_of_the_story():
    token = context.enter(context.RequestContext(request_id="request-1", correlation_id="story-1"))
    try:
        found = line()
        with context.bind(correlation_id="story-2"):
            inner = line()
    finally:
        context.leave(token)
    assert (found["request_id"], found["correlation_id"]) == ("request-1", "story-1")
    assert (inner["request_id"], inner["correlation_id"]) == ("request-1", "story-2")
    assert "request_id" not in line()


def test_a_trace_is_one_line_and_masked():
    try:
        raise ValueError("Bearer abc.def.ghi")
    except ValueError as error:
        found = line(exc_info=(ValueError, error, error.__traceback__))
    assert "ValueError: Bearer ***" in found["exception"]
    assert "abc.def" not in found["exception"]


SECRET = "s3cr3t-V4lue"
NAMES = [
    "password",
    "new_password",
    "passphrase",
    "SECRETS_KEYS",
    "access_token",
    "refreshToken",
    "Authorization",
    "cookie",
    "set-cookie",
    "private_key",
    "mnemonic",
    "api_key",
    "apikey",
    "signature",
]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_like_a_secret_is_masked_at_any_depth(name):
    extras = {
        "flat": line(**{name: SECRET}),
        "dict": line(body={"user": "ada", name: SECRET}),
        "deep": line(body={"list": [{"x": {name: [SECRET]}}]}),
        "tuple": line(args_=({name: SECRET},)),
    }
    for found in extras.values():
        assert SECRET not in json.dumps(found)
        assert MASK in json.dumps(found)


TEXTS = [
    f"Authorization: Bearer {SECRET}",
    f"bearer   {SECRET}.{SECRET}",
    "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl here",
    f"mysql://user:{SECRET}@host:3306/db",
    f"redis://:{SECRET}@host:6379/0",
    f"connect to smtp://mail%40x:{SECRET}@host failed",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_lose_tokens_and_passwords_wherever_they_stand(text):
    for found in (
        line(text),
        line("%s", text),
        line(detail=text),
        line(list_=[text]),
        line(deep={"a": {"b": text}}),
        line(error=ValueError(text)),
        line(raw=text.encode()),
    ):
        shown = json.dumps(found)
        assert SECRET not in shown
        assert "eyJzdWIi" not in shown
        assert MASK in shown


def test_what_is_no_secret_stays():
    assert mask("token_count", 5) == 5
    assert mask("path", "https://host/a:b@c") == "https://host/a:b@c"
    assert line(name_="ada@example.org", tx_hash="0x" + "ab" * 32)["tx_hash"] == "0x" + "ab" * 32


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.decimals()
    | st.uuids()
    | st.text(st.characters(categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
        | st.sets(st.integers(), max_size=2)
        | st.tuples(inner)
    ),
    max_leaves=8,
)


@given(message=st.text(), value=values)
def test_no_value_loses_its_line(message, value):
    found = line(message.replace("%", "%%"), thing=value)
    assert found["level"] == "INFO"
    assert "thing" in found


@given(secret=st.from_regex(r"[A-Za-z0-9_-]{16,40}", fullmatch=True), around=st.text(max_size=20))
def test_a_bearer_token_is_masked_in_any_surroundings(secret, around):
    found = line("%s", f"{around} Bearer {secret} {around}", header=f"Bearer {secret}")
    assert secret not in found["header"]
    assert f"Bearer {secret}" not in found["message"]


def test_nothing_of_django_writes_a_line_of_its_own():
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "django"]
    loggers = [logging.getLogger(name) for name in names if name != "django.server"]
    assert logging.getLogger("django") in loggers
    assert [(logger.name, logger.handlers) for logger in loggers if logger.handlers] == []
    assert all(logger.propagate for logger in loggers)
