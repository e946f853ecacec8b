"""Dry runs: the rules and a program tried out on made-up patients and on what was really logged. Nothing is stored.

The judging is the real one (`patients.judging`, `programs.rules`); this package only makes up people, or reads the
ledger, and counts what comes of it.
"""
