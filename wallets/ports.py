"""What wallets lets others replace."""

from ogc.ports import Port

payout_check: Port[[str, str, int], str] = Port("wallets.payout_check")
"""(user public id, EIP-55 address, base units) → "allow", "hold" (somebody approves first) or "refuse". Asked
before a withdrawal is queued, and again when it is approved; filled by wallets with allow and deny lists."""
