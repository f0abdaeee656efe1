"""Subjects of the settings, one module each; `base` gathers them."""
