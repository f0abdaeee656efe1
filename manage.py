#!/usr/bin/env python
"""Command line entry point of the platform."""

import os
import sys


def main() -> None:
    """Run a management command with the settings named by DJANGO_SETTINGS_MODULE (default: local)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ogc.settings.local")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
