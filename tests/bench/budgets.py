"""CPU budgets in ms per request: all server processes and the database, at 32 connections."""

AUTHENTICATION_MS = 0.3

BUDGET_MS = {
    "me": 0.55,
    "wallet": 0.55,
    "notifications": 0.60,
    "challenges": 0.75,
    "transactions": 0.95,
    "transfer": 2.0,
    "transfer to one": 2.1,
    "transfer to lazy": 2.1,
    "ingest of 100": 1.1,
}
