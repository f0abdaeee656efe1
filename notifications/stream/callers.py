"""Who opens a stream: a bearer token, or a ticket that is good once."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from accounts import revocations
from accounts.authentication import actor_of_header, trust_stamp
from notifications.services.stream import ticket_key
from ogc import reader
from ogc.errors import DomainError, NotAuthenticated, ServiceUnavailable, TokenInvalid

# Tickets and streams outlive token versions: changed roles do not end a stream, which shows one's own rows
# only.
_ANY_CLAIMS_VERSION = 2**62
# When the reader can't read for so long, nobody knows who is revoked: streams end and clients come back.
_READER_MAX_AGE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class StreamCaller:
    """The person at the other end, the session that it is part of, and the keys that were trusted then."""

    user_id: str
    session_id: str
    stamp: str

    def is_still_welcome(self) -> bool:
        """Whether, as far as this process knows, session and person are still good.

        A key that is declared compromised ends all streams: those of honest people come back.
        """
        if reader.age_seconds() > _READER_MAX_AGE_SECONDS or self.stamp != trust_stamp():
            return False
        try:
            revocations.check(self.user_id, self.session_id, _ANY_CLAIMS_VERSION)
        except DomainError:
            return False
        return True


def caller_of_header(header: str) -> StreamCaller:
    """The person that a bearer token names; may query, so not for the event loop.

    Raises:
        TokenInvalid, TokenExpired, AccountDisabled.
        NotAuthenticated: a service token, which has no notifications.
    """
    stamp = trust_stamp()
    actor = actor_of_header(header)
    if actor.user_id is None or actor.session_id is None:
        raise NotAuthenticated
    return StreamCaller(actor.user_id, actor.session_id, stamp)


async def caller_of_ticket(redis: "Redis", ticket: str) -> StreamCaller:
    """The person that a ticket was given to; the ticket is used up.

    Raises:
        TokenInvalid: unknown, used, too old, or its session has ended.
        ServiceUnavailable: Redis is away.
    """
    try:
        stored = await redis.getdel(ticket_key(ticket))
    except RedisError as error:
        raise ServiceUnavailable(retry_after=5) from error
    if stored is None:
        raise TokenInvalid("The ticket is not valid any more: ask for a new one.")
    fields: Mapping[str, str] = orjson.loads(stored)
    caller = StreamCaller(fields["user_id"], fields["session_id"], fields["stamp"])
    revocations.check(caller.user_id, caller.session_id, _ANY_CLAIMS_VERSION)
    return caller
