"""Outside systems that carry messages, one module each."""
