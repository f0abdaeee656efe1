"""Database plumbing: fields, the outermost transaction, triggers, and statements that are compiled once."""
