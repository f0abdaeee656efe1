"""State changes of accounts: one function, one use case."""
