"""Figures on MariaDB beside the budgets: requests/s, latency, statements and CPU per request."""
