"""State changes of challenges: one function, one use case."""
