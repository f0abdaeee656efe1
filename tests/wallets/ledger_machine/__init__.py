"""A small model of the ledger, and rules that do the same to it and to the ledger."""
