"""Whether the platform lives, is ready, and how much it does."""
