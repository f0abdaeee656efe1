"""State changes of analytics: one function, one use case."""
