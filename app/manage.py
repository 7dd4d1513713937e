#!/usr/bin/env python3
"""Django's command line; without DJANGO_SETTINGS_MODULE it uses the local settings (SQLite, no services)."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    execute_from_command_line(sys.argv)
