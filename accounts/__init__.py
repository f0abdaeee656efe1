"""Who people are.

Owns: users, sessions, tokens, factors, profiles; plans, subscriptions, payments.
Not here: roles and scopes (governance), wallets (wallets).
"""
