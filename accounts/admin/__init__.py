"""Accounts in the admin site: people and plans can be worked on, the rest is for looking."""

from accounts.admin import factors, logins, people, plans, tokens

__all__ = ["factors", "logins", "people", "plans", "tokens"]
