"""Endpoints of the challenges app."""
