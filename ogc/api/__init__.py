"""HTTP plumbing: one base view, one declaration per endpoint, one place for errors, paging and idempotency."""
