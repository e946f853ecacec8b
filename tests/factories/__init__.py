"""Makers of rows for tests: plain functions, one file a subject, that write exactly what they are given."""
