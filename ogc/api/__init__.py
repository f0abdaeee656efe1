"""HTTP plumbing: the base view, endpoint declarations, errors, paging, idempotency, limits, the document."""
