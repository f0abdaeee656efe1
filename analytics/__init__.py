"""Counting what happened.

Owns: events, daily counts, metrics, ingest (`services/ingest.py`, `inserts.py`), the counting jobs.
Not here: money figures, which are read from the ledger.
"""
