"""The run's one instant, which ``now()`` and ``today()`` are: set at the head of a program, read by all its statements.

It is kept in a setting of the session: the same in every transaction and parallel worker, known when a statement is
planned, and gone with the session (docs/decisions/instant.md).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from headrace.grammar.coerce import read_moment
from headrace.grammar.expression import Literal
from headrace.grammar.types import Type
from headrace.program.quoting import literal
from headrace.sql.literals import render_literal
from headrace.sql.text import print_sql

SETTING = "headrace.now"

OF_THE_SESSION = f"CAST(CURRENT_SETTING('{SETTING}') AS TIMESTAMP WITH TIME ZONE)"
"""How a statement of a program reads the instant."""

CURRENT = "CURRENT_TIMESTAMP"


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment that is given. A naive one is what a clock shows in ``timezone``."""

    moment: dt.datetime
    timezone: str

    @property
    def sql(self) -> str:
        """The moment as an SQL expression of type ``timestamptz``."""
        kind = "timestamp" if self.moment.tzinfo is None else "timestamptz"
        text = print_sql(render_literal(Literal(Type(kind), self.moment)))
        if kind == "timestamptz":
            return text
        return f"({text} AT TIME ZONE {literal(self.timezone)})"


def read_instant(value: object, timezone: str) -> Instant:
    """The instant that a host or a command line gives: a datetime, a date (its first moment), or a text of these.

    What has no offset of its own is a clock in ``timezone``. Raises ValueError for anything else.

    >>> read_instant("2024-01-31", "Europe/Paris").sql
    "(TIMESTAMP '2024-01-31 00:00:00' AT TIME ZONE 'Europe/Paris')"
    """
    found: object = value
    if isinstance(value, str):
        read = (read_moment(value, kind) for kind in ("timestamp", "timestamptz"))
        found = next((each for each in read if each is not None), None)
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        found = dt.datetime.combine(value, dt.time())
    if not isinstance(found, dt.datetime):
        raise ValueError("a date or a moment such as 2024-01-31 or 2024-01-31 08:30:00+01:00")
    return Instant(found, timezone)


def setting_instant(instant: str) -> str:
    """The query that sets the session's instant to an SQL expression."""
    return f"SELECT set_config('{SETTING}', CAST({instant} AS text), false)"
