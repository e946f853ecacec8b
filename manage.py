#!/usr/bin/env python
"""Stepwell's command line. Without DJANGO_SETTINGS_MODULE it runs the local mode."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings.local")
    execute_from_command_line(sys.argv)
