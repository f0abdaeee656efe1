"""Shapes of the accounts API, one module for each area."""
