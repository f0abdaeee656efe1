"""The project: settings, URLs, and the plumbing that every app stands on."""
