"""Challenges and the standing they give.

Owns: challenges, entries, teams, submissions, votes, scores, results; badges, contributions, mining.
Not here: moving money (wallets), telling people (notifications).
"""
