"""HTTP interface of analytics."""
