"""HTTP interface of governance."""
