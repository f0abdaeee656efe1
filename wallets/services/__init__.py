"""State changes of wallets: one function, one use case."""
