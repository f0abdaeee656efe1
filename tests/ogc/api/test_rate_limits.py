"""Rate limits: exact headers, who is counted, and what goes on without Redis."""

import time

import pytest

from ogc.actors import ANONYMOUS
from ogc.api import rate_limits
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.accounts import UserFactory


@pytest.fixture(autouse=True)
def _one_window(monkeypatch):
    """All calls of a test fall into one window: its real time stands still for the counting."""
    import django_ratelimit.core

    class StoppedTime:
        time = staticmethod(lambda: 1_800_000_000.5)

    monkeypatch.setattr(django_ratelimit.core, "time", StoppedTime)


@pytest.fixture
def rates(settings):
    settings.RATE_MONEY = "2/m"
    settings.RATE_DEFAULT = "3/m"
    settings.RATE_REGISTER = "2/h"
    return settings


def headers(response):
    return tuple(response.get(f"RateLimit-{name}") for name in ("Limit", "Remaining", "Reset"))


def work(api, label="a", key=None):
    return api.post("/work", {"label": label}, key=key or label)


def test_headers_count_down_and_the_next_call_is_refused(signed_in, rates):
    answers = [work(signed_in, label) for label in "abcd"]
    assert [response.status_code for response in answers] == [201, 201, 429, 429]
    limits = [headers(response)[:2] for response in answers]
    assert limits == [("2", "1"), ("2", "0"), ("2", "0"), ("2", "0")]
    resets = {int(headers(response)[2]) for response in answers}
    assert len(resets) == 1
    assert 1 <= resets.pop() <= 60
    assert error_code(answers[2]) == "RATE_LIMITED"
    assert answers[2]["Retry-After"] == headers(answers[2])[2]
    assert answers[2].json()["error"]["details"] == {"retry_after": int(answers[2]["Retry-After"])}
    assert DomainEvent.objects.count() == 2


def test_a_refused_body_counts_too(signed_in, rates):
    assert [signed_in.post("/work", b"{", key="k").status_code for _ in range(3)] == [400, 400, 429]


def test_users_are_counted_apart_and_over_all_paths_of_a_rate(small_api, rates):
    one, two = small_api.as_user(UserFactory()), small_api.as_user(UserFactory())
    assert work(one, "a").status_code == 201
    assert one.post("/work/other", {"label": "b"}, key="b").status_code == 201
    assert work(one, "c").status_code == 429
    assert work(two, "a").status_code == 201
    # Another rate has another count.
    assert one.get("/optional").status_code == 200


def test_everybody_else_is_counted_by_address_and_endpoint(small_api, rates):
    def register(address):
        return small_api.post("/ignoring", {"label": "a"}, REMOTE_ADDR=address)

    assert [register("198.51.100.1").status_code for _ in range(3)] == [201, 201, 429]
    assert register("198.51.100.2").status_code == 201
    assert headers(register("198.51.100.1"))[:2] == ("2", "0")


def test_endpoints_of_one_name_in_two_apps_are_counted_apart(rates, rf):
    from tests.ogc.urlconf import IgnoringView

    namesake = type("IgnoringView", (IgnoringView,), {"__module__": "elsewhere.views"})
    for view in (IgnoringView(), namesake()):
        taken = [
            rate_limits.take(view.post.endpoint, rf.post("/"), ANONYMOUS, view).remaining for _ in range(2)
        ]
        assert taken == [1, 0]


def test_a_forged_address_buys_no_calls(small_api, rates):
    answers = [
        small_api.post("/ignoring", {"label": "a"}, headers={"x-forwarded-for": f"198.51.100.{n}"})
        for n in range(3)
    ]
    assert [response.status_code for response in answers] == [201, 201, 429]


def test_the_default_rate_is_multiplied_by_the_plans_factor(small_api, rates, monkeypatch):
    monkeypatch.setattr(rate_limits, "_plan_factors", {"free": 1, "pro": 2, "enterprise": 5})
    limits = {}
    for plan in ("free", "pro", "enterprise"):
        caller = small_api.as_user(UserFactory(plan=plan))
        limits[plan] = (headers(caller.get("/optional"))[0], headers(work(caller))[0])
    assert limits == {"free": ("3", "2"), "pro": ("6", "2"), "enterprise": ("15", "2")}


def test_off_is_off(signed_in, settings):
    settings.RATE_MONEY = settings.RATE_DEFAULT = "off"
    response = work(signed_in)
    assert (response.status_code, headers(response)) == (201, (None, None, None))
    assert headers(signed_in.get("/optional")) == (None, None, None)


def test_paths_without_a_rate_have_no_headers(small_api):
    assert headers(small_api.get("/echo")) == (None, None, None)


def test_a_window_ends(signed_in, rates, monkeypatch):
    import django_ratelimit.core

    assert [work(signed_in, label).status_code for label in "abc"] == [201, 201, 429]
    monkeypatch.setattr(django_ratelimit.core.time, "time", staticmethod(lambda: 1_800_000_061.5))
    assert work(signed_in, "d").status_code == 201


@pytest.mark.faults
def test_without_redis_money_is_counted_in_this_process_and_the_rest_is_not(signed_in, rates, no_redis):
    started = time.monotonic()
    answers = [work(signed_in, label) for label in "abc"]
    assert [response.status_code for response in answers] == [201, 201, 429]
    assert [headers(response)[:2] for response in answers] == [("2", "1"), ("2", "0"), ("2", "0")]
    others = [signed_in.get("/optional") for _ in range(6)]
    assert {response.status_code for response in others} == {200}
    assert {headers(response) for response in others} == {(None, None, None)}
    assert time.monotonic() - started < 5


@pytest.mark.faults
def test_when_redis_comes_back_it_counts_again(signed_in, rates, valkey_server):
    valkey_server.kill()
    try:
        assert signed_in.get("/optional").status_code == 200
    finally:
        valkey_server.start()
    deadline = time.monotonic() + 10
    while headers(signed_in.get("/optional"))[0] is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
