"""One key, one effect, one answer (draft-ietf-httpapi-idempotency-key-header).

The truth is one row, unique by (caller, key), inserted with the rendered answer in the transaction of the
work itself: when it is there, the work is done, and the other way round. Redis holds a claim while the
first call runs (others get 409). It may be lost at any time, then the unique row decides: the second call's
work is rolled back and the first one's answer is sent again.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from redis.exceptions import RedisError

from ogc import clock, redis
from ogc.api.errors import render_error
from ogc.api.responses import json_response
from ogc.db.statements import InsertStatement, SelectStatement
from ogc.db.transactions import run_in_transaction
from ogc.errors import DomainError, IdempotencyInProgress, IdempotencyKeyReused, ValidationFailed
from ogc.models import IdempotencyRecord

CLAIM_SECONDS = 30
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

_insert = InsertStatement(
    IdempotencyRecord, "caller", "key", "fingerprint", "status_code", "body", "created_at"
)
_select = SelectStatement(
    lambda slots: IdempotencyRecord.objects.filter(
        caller=slots.text("caller"), key=slots.text("key")
    ).values_list("id", "fingerprint", "status_code", "body", "created_at")
)


class _AnsweredBefore(Exception):
    """The unique row was already there; whatever this call did must be undone."""


def check_key(key: str) -> str:
    """The key, if it is 1 to 255 visible ASCII characters.

    Raises:
        ValidationFailed: it is not.
    """
    if not _KEY.fullmatch(key):
        raise ValidationFailed({"Idempotency-Key": [("invalid", "1 to 255 visible ASCII characters.")]})
    return key


def fingerprint(method: str, path: str, body: dict[str, Any]) -> str:
    """What makes two requests the same: SHA-256 of method, path and the body in canonical spelling."""
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), canonical))).hexdigest()


def answer_once(*, caller: str, key: str, fingerprint: str, call: Callable[[], HttpResponse]) -> HttpResponse:
    """Run `call` and remember its answer, or give the answer that is remembered.

    Raises:
        IdempotencyInProgress: the first call is still running.
        IdempotencyKeyReused: the key was used for another request.
        DomainError: refusals that are not remembered.
    """
    claim = _Claim(caller, key)
    if not claim.take():
        # A claim outlives its call: the row knows better.
        if (stored := _replay(caller, key, fingerprint)) is not None:
            return stored
        if not claim.take():
            raise IdempotencyInProgress
    try:
        return _run(caller, key, fingerprint, call)
    except BaseException:
        # Nothing is stored. After an answer the claim stays until it ends by itself: a round trip less.
        claim.free()
        raise


def _run(caller: str, key: str, fingerprint: str, call: Callable[[], HttpResponse]) -> HttpResponse:
    def work() -> HttpResponse:
        response = call()
        _store(caller, key, fingerprint, response)
        return response

    try:
        return run_in_transaction(work)
    except _AnsweredBefore:
        # Without an answer the row was older than a day, and is gone now.
        return _replay(caller, key, fingerprint) or _run(caller, key, fingerprint, call)
    except DomainError as error:
        if (stored := _replay(caller, key, fingerprint)) is not None:
            return stored
        if not error.replayable:
            raise
        refusal = render_error(error)
        try:
            run_in_transaction(lambda: _store(caller, key, fingerprint, refusal))
        except _AnsweredBefore:
            return _replay(caller, key, fingerprint) or refusal
        return refusal


def _store(caller: str, key: str, fingerprint: str, response: HttpResponse) -> None:
    row = (caller, key, fingerprint, response.status_code, response.content, clock.now())
    try:
        _insert.execute([row])
    except IntegrityError as error:
        raise _AnsweredBefore from error


def _replay(caller: str, key: str, fingerprint: str) -> HttpResponse | None:
    row = _select.first(caller=caller, key=key)
    if row is None:
        return None
    pk, stored_fingerprint, status_code, body, created_at = row
    if created_at < clock.now() - IdempotencyRecord.KEEP:
        with transaction.atomic():
            IdempotencyRecord.objects.filter(pk=pk).delete()
        _Claim(caller, key).free()
        return None
    if stored_fingerprint != fingerprint:
        raise IdempotencyKeyReused
    response = json_response(bytes(body), status_code)
    response["Idempotent-Replayed"] = "true"
    return response


class _Claim:
    """The note in Redis; every failure of Redis reads as "nothing known"."""

    def __init__(self, caller: str, key: str) -> None:
        digest = hashlib.sha256(f"{caller}\n{key}".encode()).hexdigest()
        self._name = f"ogc:idempotency:{digest}"

    def take(self) -> bool:
        """Whether nobody holds it; then it is ours for CLAIM_SECONDS."""
        try:
            return bool(redis.client().set(self._name, 1, nx=True, ex=CLAIM_SECONDS))
        except RedisError:
            return True

    def free(self) -> None:
        """Let the key be used again at once."""
        try:
            redis.client().delete(self._name)
        except RedisError:
            return
