"""Who may do what, and what was done.

Owns: roles and scopes, policies, decisions, flags, approvals, audit, reports, incidents, appeals, proposals.
Not here: users and sessions (accounts).
"""
