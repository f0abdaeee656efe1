"""The pure rules: state tables, splits, scores, ranks, points."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges import rules, signals
from challenges.constants import (
    SUBMISSION_MOVES,
    TRANSITIONS,
    ChallengeAction,
    ChallengeStatus,
    SplitMode,
    SubmissionStatus,
)
from challenges.errors import DeadlineInvalid, InvalidChallengeState, InvalidSubmissionState
from challenges.models import Challenge

S = ChallengeStatus
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEGAL = {
    ("publish", S.DRAFT): S.PUBLISHED,
    ("open", S.PUBLISHED): S.OPEN,
    ("close", S.OPEN): S.REVIEWING,
    ("finalize", S.REVIEWING): S.FINALIZED,
    ("reopen", S.FINALIZED): S.REVIEWING,
    ("distribute", S.FINALIZED): S.REWARDS_DISTRIBUTED,
    ("assign_badges", S.REWARDS_DISTRIBUTED): S.BADGES_ASSIGNED,
    ("archive", S.BADGES_ASSIGNED): S.ARCHIVED,
    ("cancel", S.DRAFT): S.CANCELLED,
    ("cancel", S.PUBLISHED): S.CANCELLED,
    ("cancel", S.OPEN): S.CANCELLED,
    ("cancel", S.REVIEWING): S.CANCELLED,
}


@pytest.mark.parametrize("action,status", list(product(ChallengeAction, ChallengeStatus)))
def test_each_action_from_each_status(action, status):
    target = LEGAL.get((str(action), status))
    if target is None:
        with pytest.raises(InvalidChallengeState) as refused:
            rules.transition_for(action, status)
        assert refused.value.details["status"] == str(status)
    else:
        assert rules.transition_for(action, status).target == target


def test_what_the_table_names_exists():
    for row in TRANSITIONS.values():
        assert not row.signal or hasattr(signals, row.signal)
        assert not row.stamp or Challenge._meta.get_field(row.stamp)


@pytest.mark.parametrize("action,status", list(product(SUBMISSION_MOVES, SubmissionStatus)))
def test_each_submission_action_from_each_status(action, status):
    sources, target = SUBMISSION_MOVES[action]
    if status in sources:
        assert rules.submission_target(action, status) == target
    else:
        with pytest.raises(InvalidSubmissionState):
            rules.submission_target(action, status)


@pytest.mark.parametrize(
    "stored,hours,expected",
    [
        (S.DRAFT, 9, S.DRAFT),
        (S.PUBLISHED, 0, S.PUBLISHED),
        (S.PUBLISHED, 1, S.OPEN),
        (S.PUBLISHED, 2, S.REVIEWING),
        (S.OPEN, 1, S.OPEN),
        (S.OPEN, 2, S.REVIEWING),
        (S.REVIEWING, 9, S.REVIEWING),
        (S.CANCELLED, 9, S.CANCELLED),
        (S.FINALIZED, 9, S.FINALIZED),
    ],
)
def test_the_clock_decides_when_the_job_is_late(stored, hours, expected):
    times = {"starts_at": NOW + HOUR, "submission_deadline": NOW + 2 * HOUR}
    assert rules.effective_status(stored, **times, now=NOW + hours * HOUR) == expected


def times(**hours):
    given_hours = {
        "starts_at": 0,
        "submission_deadline": 1,
        "voting_starts_at": 1,
        "voting_ends_at": 2,
    } | hours
    return {name: NOW + value * HOUR for name, value in given_hours.items()} | {"now": NOW}


@pytest.mark.parametrize(
    "hours,wrong",
    [
        ({"submission_deadline": 0}, ["submission_deadline"]),
        ({"starts_at": -3, "submission_deadline": -1}, ["submission_deadline"]),
        ({"voting_starts_at": 0.5}, ["voting_starts_at"]),
        ({"voting_ends_at": 1}, ["voting_ends_at"]),
        ({"starts_at": 5}, ["submission_deadline"]),
    ],
)
def test_times_that_contradict_each_other(hours, wrong):
    with pytest.raises(DeadlineInvalid) as refused:
        rules.times_check(**times(**hours))
    assert refused.value.details["fields"] == wrong


def test_voting_may_start_at_the_deadline():
    rules.times_check(**times())


@pytest.mark.parametrize(
    "criteria,mode,code",
    [
        ([], "votes", None),
        ([], "judges", "required"),
        ([], "hybrid", "required"),
        ([{"name": "a", "weight": 100}], "judges", None),
        ([{"name": "a", "weight": 60}, {"name": "b", "weight": 39}], "judges", "sum"),
        ([{"name": "a", "weight": 50}, {"name": "A", "weight": 50}], "judges", "duplicate"),
        ([{"name": str(n), "weight": 5} for n in range(21)], "votes", "too_many"),
    ],
)
def test_criteria(criteria, mode, code):
    problem = rules.criteria_problem(criteria, mode)
    assert (problem and problem[0]) == code


@pytest.mark.parametrize(
    "split,code",
    [
        (rules.PrizeSplit(SplitMode.FIXED, (60, 40)), None),
        (rules.PrizeSplit(SplitMode.FIXED, (60, 41)), "more_than_pool"),
        (rules.PrizeSplit(SplitMode.FIXED, ()), "ranks"),
        (rules.PrizeSplit(SplitMode.FIXED, (60, 0)), "amount"),
        (rules.PrizeSplit(SplitMode.PROPORTIONAL, top=3), None),
        (rules.PrizeSplit(SplitMode.PROPORTIONAL, top=0), "ranks"),
        (rules.PrizeSplit(SplitMode.PROPORTIONAL, top=1001), "ranks"),
    ],
)
def test_splits_that_are_refused(split, code):
    problem = rules.split_problem(split, 100)
    assert (problem and problem[0]) == code


def test_a_split_survives_the_database():
    for split in (
        rules.PrizeSplit(SplitMode.FIXED, (3, 2, 1)),
        rules.PrizeSplit(SplitMode.PROPORTIONAL, top=7),
    ):
        assert rules.PrizeSplit.from_json(split.to_json()) == split


scores_in_order = st.lists(st.integers(0, 100_000_000), max_size=60).map(lambda s: sorted(s, reverse=True))
pools = st.integers(1, 5 * 10**17)


@given(pool=pools, scores=scores_in_order, top=st.integers(1, 60))
def test_a_proportional_split_loses_no_base_unit(pool, scores, top):
    shares = rules.prizes(rules.PrizeSplit(SplitMode.PROPORTIONAL, top=top), pool, scores)
    assert len(shares) == len(scores)
    assert sum(shares) == (pool if sum(scores) else 0)
    assert all(share >= 0 for share in shares)
    assert shares == sorted(shares, reverse=True)
    assert not any(shares[top:])
    total = sum(scores[:top])
    for score, share in zip(scores[:top], shares, strict=False):
        assert not total or abs(share * total - pool * score) < total
        assert score or not share


@given(pool=pools, scores=scores_in_order, data=st.data())
def test_a_fixed_split_pays_the_named_amounts(pool, scores, data):
    amounts = data.draw(st.lists(st.integers(1, max(1, pool // 40)), min_size=1, max_size=40))
    split = rules.PrizeSplit(SplitMode.FIXED, tuple(amounts))
    shares = rules.prizes(split, pool, scores)
    if rules.split_problem(split, pool) is None:
        assert sum(shares) <= pool
    if sum(scores):
        paid = min(len(amounts), len(scores))
        assert shares == amounts[:paid] + [0] * (len(scores) - paid)
    else:
        assert not any(shares)


def test_largest_remainders_go_to_the_better_rank_on_a_tie():
    split = rules.PrizeSplit(SplitMode.PROPORTIONAL, top=3)
    assert rules.prizes(split, 100, [1, 1, 1]) == [34, 33, 33]
    assert rules.prizes(split, 100, [3, 2, 2, 9]) == [43, 29, 28, 0]


@pytest.mark.parametrize(
    "numerator,denominator,expected", [(5, 2, 2), (7, 2, 4), (1, 3, 0), (2, 3, 1), (0, 7, 0), (9, 3, 3)]
)
def test_halves_go_to_the_even_neighbour(numerator, denominator, expected):
    assert rules.div_half_even(numerator, denominator) == expected


def test_votes_score_is_a_share_of_the_highest():
    assert rules.votes_score(15_000, 20_000) == 75_000_000
    assert rules.votes_score(10_000, 30_000) == 33_333_333
    assert rules.votes_score(0, 30_000) == 0
    assert rules.votes_score(0, 0) == 0


def test_judges_score_is_the_mean_of_weighted_criteria():
    criteria = [{"name": "a", "weight": 70}, {"name": "b", "weight": 30}]
    assert rules.judge_total(criteria, {"a": 81, "b": 47}) == 70_800_000
    assert rules.judges_score([70_800_000, 70_800_001]) == 70_800_000
    assert rules.judges_score([]) == 0


def test_hybrid_score_weighs_both():
    assert rules.final_score("hybrid", 30, judges=80_000_000, votes=50_000_000) == 59_000_000
    assert rules.final_score("judges", 30, judges=80_000_000, votes=50_000_000) == 80_000_000
    assert rules.final_score("votes", 30, judges=80_000_000, votes=50_000_000) == 50_000_000


def contender(pk, entry, votes, minutes=0, judges=()):
    return rules.Contender(pk, entry, votes, judges, NOW + timedelta(minutes=minutes))


def test_ties_are_broken_by_time_then_id():
    rows = [contender(1, 1, 10, 5), contender(2, 2, 10, 1), contender(4, 4, 10, 5), contender(3, 3, 20, 9)]
    assert [row.contender.submission_pk for row in rules.standings(rows, "votes", 50)] == [3, 2, 1, 4]


def test_an_entry_counts_its_best_submission():
    rows = [contender(1, 1, 10), contender(2, 1, 30), contender(3, 2, 20)]
    ranked = rules.standings(rows, "votes", 50)
    assert [(row.rank, row.contender.submission_pk) for row in ranked] == [(1, 2), (2, 3)]


def test_points_are_floored_thousandths():
    assert rules.points_milli(15, 15_000) == 22_500
    assert rules.points_milli(1, 10_001) == 1_000


@pytest.mark.parametrize(
    "milli,expected",
    [
        (0, (None, "bronze", 100_000)),
        (99_999, (None, "bronze", 100_000)),
        (100_000, ("bronze", "silver", 1_000_000)),
        (10_000_000, ("diamond", None, None)),
    ],
)
def test_ranks_by_total(milli, expected):
    assert rules.rank_for(milli) == expected


@pytest.mark.parametrize(
    "url", ["https://example.org/a?b=c", "http://example.org", "https://xn--bcher-kva.example/"]
)
def test_links_that_are_taken(url):
    assert rules.link_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://example.org",
        "https://",
        "example.org",
        "https://user@example.org",
        "http://[",
        "https://a b",
    ],
)
def test_links_that_are_refused(url):
    assert rules.link_problem(url)[0] == "invalid"


@pytest.mark.parametrize(
    "text,url,allowed,expected",
    [
        ("a", "", ["text"], "text"),
        ("a", "", ["link"], None),
        ("", "u", ["link"], "link"),
        ("", "u", ["video"], "video"),
        ("", "u", ["text"], None),
        ("a", "u", ["link"], None),
        ("a", "u", ["text", "link"], "link"),
        ("", "", ["text"], None),
    ],
)
def test_what_a_submission_is(text, url, allowed, expected):
    assert rules.content_type_for(text=text, url=url, allowed=allowed) == expected


@pytest.mark.parametrize(
    "scores,code",
    [
        ({"a": 0, "b": 100}, None),
        ({"a": 0}, "criteria"),
        ({"a": 0, "b": 1, "c": 2}, "criteria"),
        ({"a": 0, "b": 101}, "range"),
        ({"a": 0, "b": -1}, "range"),
        ({"a": 0, "b": 1.0}, "range"),
        ({"a": 0, "b": True}, "range"),
        ({"a": 0, "b": "1"}, "range"),
    ],
)
def test_scores_of_a_judge(scores, code):
    problem = rules.scores_problem(scores, [{"name": "a", "weight": 50}, {"name": "b", "weight": 50}])
    assert (problem and problem[0]) == code
