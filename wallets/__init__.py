"""Money.

Owns: wallets, the ledger, rewards, staking, and the chain engine under chain/.
Not here: prices and plans (accounts), who won (challenges).
"""
