"""What somebody with the database's own client could do: get the audit's triggers out of the way."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from clinic.audit_chain import TABLES


@contextmanager
def unguarded() -> Iterator[None]:
    """The audit's triggers are off, and on again afterwards."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The owner of the tables may do this. Checks that still wait would stand in the way.
            off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES]
            on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES]
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            off = [f"DROP TRIGGER {name}" for name, _sql in triggers]
            on = [sql for _name, sql in triggers]
        for statement in off:
            cursor.execute(statement)
    yield
    with connection.cursor() as cursor:
        for statement in on:
            cursor.execute(statement)
