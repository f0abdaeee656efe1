"""Step-ups, and the table of what needs one compared with what the endpoints do."""
