"""Fixtures for the tests of the plumbing: its small API and people to call it."""

import pytest


@pytest.fixture
def small_api(settings, api):
    """A client of `tests.ogc.urlconf`; paths start with a slash."""
    from tests.ogc import urlconf

    settings.ROOT_URLCONF = "tests.ogc.urlconf"
    urlconf.calls.clear()
    return api


@pytest.fixture
def user(db):
    """A verified user of the free plan."""
    from tests.factories.accounts import UserFactory

    return UserFactory()


@pytest.fixture
def signed_in(small_api, user):
    """The small API as that user."""
    return small_api.as_user(user)


@pytest.fixture
def no_redis(valkey_server):
    """Redis is killed for the test, and started again after it."""
    from redis.exceptions import RedisError

    from ogc import redis

    valkey_server.kill()
    yield
    valkey_server.start()
    redis.resume()
    try:
        redis.client().ping()
    except RedisError:  # the connection of before
        redis.resume()
        redis.client().ping()
