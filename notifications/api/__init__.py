"""HTTP interface of notifications."""
