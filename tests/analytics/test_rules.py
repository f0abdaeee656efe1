from datetime import UTC, date, datetime, timedelta

import pytest

from analytics import rules

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def event(**replaced):
    return {"name": "page_viewed", "ts": "2026-03-10T11:59:00Z", **replaced}


def code_of(raw) -> str:
    with pytest.raises(rules.NotAccepted) as refused:
        rules.event_accept(raw, now=NOW)
    return refused.value.rejection.code


def test_a_good_event_is_taken_as_it_is():
    taken = rules.event_accept(
        event(
            event_id="e-1",
            session_id="s",
            properties={"page": "/x", "n": 3, "deep": {"list": [1, None, True]}},
        ),
        now=NOW,
    )
    assert taken == rules.AcceptedEvent(
        event_id="e-1",
        name="page_viewed",
        ts=datetime(2026, 3, 10, 11, 59, tzinfo=UTC),
        session_id="s",
        properties={"page": "/x", "n": 3, "deep": {"list": [1, None, True]}},
    )


def test_what_may_be_left_out_is_empty():
    taken = rules.event_accept(event(), now=NOW)
    assert (taken.event_id, taken.session_id, taken.properties) == ("", "", {})


def test_offsets_become_utc():
    assert rules.event_accept(event(ts="2026-03-10T14:30:00.5+02:30"), now=NOW).ts == datetime(
        2026, 3, 10, 12, 0, 0, 500_000, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("ts", "is_good"),
    [
        ("2026-03-03T12:00:00Z", True),
        ("2026-03-03T11:59:59Z", False),
        ("2026-03-10T12:10:00Z", True),
        ("2026-03-10T12:10:01Z", False),
    ],
)
def test_times_are_at_most_7_days_old_and_10_minutes_ahead(ts, is_good):
    if is_good:
        assert rules.event_accept(event(ts=ts), now=NOW)
    else:
        assert code_of(event(ts=ts)) == "EVENT_TIME_INVALID"


@pytest.mark.parametrize(
    "ts",
    [
        None,
        1767225600,
        "",
        "yesterday",
        "2026-03-10",
        "2026-03-10T11:59:00",
        "9999-12-31T23:59:59-23:59",
        True,
        [],
    ],
)
def test_other_times_are_not_times(ts):
    assert code_of(event(ts=ts)) == "EVENT_TIME_INVALID"


@pytest.mark.parametrize(
    "name", [None, 5, "", "Page", "page viewed", "page..x", ".x", "x.", "9x", "x" * 81, "naïve", "*"]
)
def test_names_have_one_form(name):
    assert code_of(event(name=name)) == "EVENT_NAME_INVALID"


@pytest.mark.parametrize("name", ["accounts.logged_in", "wallets", "challenges.vote_cast", "ogc.x"])
def test_nobody_sends_our_own_facts(name):
    assert code_of(event(name=name)) == "EVENT_NAME_RESERVED"


@pytest.mark.parametrize(
    "raw", [None, 1, "x", [], {"name": "x", "ts": "2026-03-10T12:00:00Z", "user_id": "u"}, event(event_id=""),
            event(event_id="a b"), event(event_id=5), event(event_id="x" * 65), event(session_id="x" * 65),
            event(session_id={})]
)  # fmt: skip
def test_other_shapes_are_refused(raw):
    assert code_of(raw) == "EVENT_INVALID"


SECRET_NAMES = (
    "password userPassword API-Key api_key accessToken refresh_token client_secret Authorization privateKey "
    "mnemonic seedPhrase card_number cvv otp smsOtp PIN session_cookie jwt"
)


@pytest.mark.parametrize("name", SECRET_NAMES.split())
@pytest.mark.parametrize("nest", [lambda p: p, lambda p: {"a": p}, lambda p: {"a": [p]}])
def test_names_that_look_like_secrets_are_refused(name, nest):
    assert code_of(event(properties=nest({name: "x"}))) == "EVENT_PROPERTY_FORBIDDEN"


@pytest.mark.parametrize(
    "name", ["footprint", "pinned", "spin", "amount", "session", "keyboard", "passed", "options"]
)
def test_names_that_only_sound_like_it_are_taken(name):
    assert rules.event_accept(event(properties={name: 1}), now=NOW)


@pytest.mark.parametrize(
    "properties",
    [
        [],
        "x",
        5,
        {"a": "x" * 1001},
        {"a": "\x00"},
        {"": 1},
        {"x" * 65: 1},
        {"a": {"b": {"c": {"d": 1}}}},
        {f"p{n}": n for n in range(51)},
        {"a": list(range(50))},
        {"a": 2**53},
        {"a": -(2**63)},
    ],
)
def test_properties_have_bounds(properties):
    assert code_of(event(properties=properties)) == "EVENT_PROPERTIES_INVALID"


def test_payloads_of_facts_are_kept_without_what_looks_secret():
    assert rules.properties_without_secrets({"user_id": "u", "mail_token_id": "t", "amount": 5}) == {
        "user_id": "u",
        "amount": 5,
    }


def test_intervals_cover_all_days():
    first, last = date(2026, 1, 31), date(2026, 3, 1)
    assert rules.interval_starts(first, last, "month") == [
        date(2026, 1, 1),
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]
    assert rules.interval_starts(first, first + timedelta(days=3), "week") == [
        date(2026, 1, 26),
        date(2026, 2, 2),
    ]
    assert len(rules.interval_starts(first, last, "day")) == 30
