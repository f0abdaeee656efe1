"""Counting what happened.

Owns: events, aggregates, queries, dashboards, exports.
Not here: money figures, which are read from the ledger.
"""
