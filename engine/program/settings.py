"""The session settings that results could depend on, pinned for every statement Headrace runs or prints; and one of
which only time depends.

A server, a role or a database can carry other values, which would change the rows of the same program: so each
connection sets them, and ``program.sql`` begins with them. Only settings that PostgreSQL 15 has and any role may
change are here.
"""

from __future__ import annotations

SETTINGS: tuple[tuple[str, str], ...] = (
    # The file and the connection are UTF-8; a server of another encoding converts.
    ("client_encoding", "UTF8"),
    # Which day a timestamp with time zone falls on; conversions name their zone.
    ("TimeZone", "UTC"),
    # What "EST" or "IST" in a text means.
    ("timezone_abbreviations", "Default"),
    # How dates print, and which of 03/04/2024 is the month where a format does not say so.
    ("DateStyle", "ISO, MDY"),
    # How intervals print.
    ("IntervalStyle", "postgres"),
    # Backslashes in quotes are backslashes: our literals are written so.
    ("standard_conforming_strings", "on"),
    # Names mean what they say: everything is written with its schema, and no table, function or operator of a
    # user's schema can step in front of PostgreSQL's own.
    ("search_path", "pg_catalog"),
    # Floats print in the shortest way that reads back as the same float.
    ("extra_float_digits", "1"),
    # How bytes print.
    ("bytea_output", "hex"),
    # How to_char() writes decimal points, currencies and the names of months.
    ("lc_numeric", "C"),
    ("lc_monetary", "C"),
    ("lc_time", "C"),
    # "x = NULL" is null; a setting for a 1997 client would turn it into "x IS NULL".
    ("transform_null_equals", "off"),
    # NULL without quotes in an array's text is null.
    ("array_nulls", "on"),
    # A reader in READ COMMITTED sees a swapped table; in others a rename shows no rows.
    ("default_transaction_isolation", "read committed"),
    # A role made for reading may be set so; building tables is writing.
    ("default_transaction_read_only", "off"),
    # A build takes as long as it takes; limits for people's queries are not for it. Locks are waited for where the
    # program says how long.
    ("statement_timeout", "0"),
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("idle_session_timeout", "0"),
    # Compiling the expressions of a long statement takes longer than it saves (docs/performance.md).
    ("jit", "off"),
    # Notices ("does not exist, skipping") are no news to who reads the output of psql.
    ("client_min_messages", "warning"),
)


def setting_statements() -> tuple[str, ...]:
    """One SET statement a setting, without a semicolon: ``SET TimeZone TO 'UTC'``."""
    return tuple(f"SET {name} TO {_value(value)}" for name, value in SETTINGS)


def _value(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
