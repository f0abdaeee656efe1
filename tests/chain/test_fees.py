"""Fee arithmetic, by property."""

from hypothesis import given
from hypothesis import strategies as st

from wallets.chain.fees import Fees, market_asks_more, replace, suggest

WEI = st.integers(min_value=1, max_value=10**15)


@given(WEI, WEI, WEI, WEI)
def test_a_replacement_raises_both_fields_by_an_eighth_at_least(old_max, old_tip, base, tip):
    old = Fees(max(old_max, old_tip), old_tip)
    new = replace(old, suggest(base_fee_wei=base, tip_wei=tip))
    assert new.max_fee_wei * 8 >= old.max_fee_wei * 9
    assert new.priority_fee_wei * 8 >= old.priority_fee_wei * 9
    assert new.max_fee_wei >= new.priority_fee_wei
    assert new.max_fee_wei >= 2 * base + tip


def test_a_market_that_fell_asks_for_nothing_more():
    old = suggest(base_fee_wei=100, tip_wei=2)
    assert not market_asks_more(old, old)
    assert not market_asks_more(old, suggest(base_fee_wei=50, tip_wei=1))
    assert market_asks_more(old, suggest(base_fee_wei=101, tip_wei=1))
