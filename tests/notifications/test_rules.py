import pytest

from notifications import rules
from notifications.constants import Channel, NotificationType

DELAYS = [5, 30, 120]


@pytest.mark.parametrize(("attempts", "delay"), [(1, 5), (2, 30), (3, 120), (4, None), (9, None)])
def test_waits_grow_and_end(attempts, delay):
    assert rules.retry_delay_seconds(attempts, DELAYS) == delay


@pytest.mark.parametrize(("attempts", "spent"), [(1, False), (4, False), (5, True)])
def test_attempts_that_died_midway_count(attempts, spent):
    assert rules.attempts_are_spent(attempts, DELAYS) is spent


def test_security_goes_out_whatever_was_chosen():
    off = {"security": {"email": False, "in_app": False}, "wallet": {"email": False}}
    assert rules.channel_is_wanted("security", "email", off) is True
    assert rules.channel_is_wanted("security", "in_app", off) is True
    assert rules.channel_is_wanted("wallet", "email", off) is False
    assert rules.channel_is_wanted("wallet", "in_app", off) is True


def test_channels_that_nobody_serves_are_never_wanted():
    assert rules.channel_is_wanted("wallet", "web_push", {"wallet": {"web_push": True}}) is False


def test_only_turning_security_off_is_forbidden():
    assert rules.forbidden_choices({"security": {"email": True, "web_push": False}}) == []
    assert rules.forbidden_choices({"wallet": {"email": False}, "security": {"in_app": False}}) == [
        "security"
    ]


def test_the_whole_table_has_every_type_and_channel():
    table = rules.channels_in_full({"voting": {"email": True}, "security": {"email": False}})
    assert set(table) == set(NotificationType.values)
    assert all(set(row) == set(Channel.values) for row in table.values())
    assert table["voting"] == {"in_app": True, "email": True, "web_push": False, "mobile_push": False}
    assert table["security"]["email"] is True


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("you won, go to https://evil.example/x", "you won, go to https:// evil. example/x"),
        ("Click www.evil.example", "Click www. evil. example"),
        ("write to me@evil.example", "write to me@ evil. example"),
        ("münchen.рф", "münchen. рф"),
        ("J. R. R. Tolkien", "J. R. R. Tolkien"),
        ("Ada Lovelace, M.D.", "Ada Lovelace, M. D."),
    ],
)
def test_a_name_is_no_link(name, shown):
    assert rules.words_only(name) == shown
    assert rules.words_only(shown) == shown
