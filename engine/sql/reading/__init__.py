"""SQL that users write, read: what a query takes, what it gives, and whether it may be run.

A room of its own, above ``bind``: see ``docs/decisions/sql-step.md``.
"""

from headrace.sql.reading.parse import Parsed, parse_query
from headrace.sql.reading.problem import Problem
from headrace.sql.reading.query import Input, TypedQuery, type_query
from headrace.sql.reading.sql_types import is_ours, our_kind

__all__ = ["Input", "Parsed", "Problem", "TypedQuery", "is_ours", "our_kind", "parse_query", "type_query"]
