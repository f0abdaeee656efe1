"""State changes of governance: one function, one use case."""
