"""The pure engine: values in, decision out. Standard library only, no clock, no database."""
