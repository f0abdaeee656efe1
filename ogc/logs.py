"""Log lines: one JSON object each, with the ids that tie a story together, and secrets masked."""

import json
import logging
import re
from functools import lru_cache
from typing import Any

import orjson

from ogc import clock, context

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SECRET_NAME = re.compile(
    r"pass(word|phrase)|secret|token|authorization|cookie|private|mnemonic|api_?key|signature", re.I
)
_SECRET_TEXT = re.compile(
    r"(Bearer\s+)[\w.~+/=-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+|(://[^:/\s@]*:)[^@\s]+(?=@)", re.I
)
MASK = "***"

# What no line shows is not gathered (Logging HOWTO, Optimization).
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None


@lru_cache(maxsize=1024)
def _names_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def mask(name: str, value: Any) -> Any:
    """The value, unless its name says that it is a secret; texts lose tokens and URL passwords.

    Looks into mappings and lists; bytes are shown as text.
    """
    if isinstance(value, (int, float)):
        return value
    if _names_secret(name):
        return MASK
    if isinstance(value, str):
        return _SECRET_TEXT.sub(lambda found: (found[1] or found[2] or "") + MASK, value)
    if isinstance(value, dict):
        return {key: mask(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [mask("", inner) for inner in value]
    if isinstance(value, (BaseException, bytes)):
        return mask("", str(value))
    return value


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message, request and correlation id, and whatever was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        here = context.current()
        line: dict[str, Any] = {
            "time": clock.real_now().isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname,
            "logger": record.name,
            "message": mask("", record.getMessage()),
        }
        if here.request_id:
            line["request_id"] = here.request_id
        if here.correlation_id:
            line["correlation_id"] = here.correlation_id
        for name, value in vars(record).items():
            if name not in _STANDARD and not name.startswith("_"):
                line[name] = mask(name, value)
        if record.exc_info:
            line["exception"] = mask("", self.formatException(record.exc_info))
        try:
            return orjson.dumps(line, default=_as_text, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:
            # Integers above 64 bits (wei) and lone surrogates; a line is never lost for its content.
            return json.dumps(line, default=_as_text)


def _as_text(value: Any) -> Any:
    return mask("", str(value))
