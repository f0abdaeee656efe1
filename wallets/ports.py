"""What wallets lets others replace."""

from collections.abc import Collection

from ogc.ports import Port

payout_check: Port[[str, str, int], str] = Port("wallets.payout_check")
"""(user public id, EIP-55 address, base units) → "allow", "hold" (somebody approves first) or "refuse". Asked
before a withdrawal is queued, and again when it is approved; filled by wallets with allow and deny lists."""

challenge_titles: Port[[Collection[str]], dict[str, str]] = Port("wallets.challenge_titles")
"""(public ids) → titles by public id, in one query; those that are not known are left out. Told to those
who moved money with these challenges; filled by challenges."""
