"""State changes of notifications: one function, one use case."""
