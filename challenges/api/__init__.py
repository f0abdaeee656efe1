"""HTTP interface of challenges."""
