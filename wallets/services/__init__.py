"""Every change of state of wallets: one function, one use case."""
