"""The PostgreSQL that Headrace writes: sqlglot's, less its own opinions of what a function means."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.postgres import PostgresParser

_KEPT_PARSERS = ("CAST", "EXTRACT", "OVERLAY", "POSITION", "SUBSTRING", "TRIM")


class Headrace(Postgres):
    """PostgreSQL whose function calls are read and printed by name.

    sqlglot knows many functions and may print another than it read (DATE_PART as EXTRACT, LOG with its arguments
    turned round). Here only what has a syntax of its own, such as CAST and EXTRACT, is more than a name and arguments.
    """

    class Parser(PostgresParser):
        FUNCTIONS: ClassVar = {}
        FUNCTION_PARSERS: ClassVar = {
            name: parser for name, parser in PostgresParser.FUNCTION_PARSERS.items() if name in _KEPT_PARSERS
        }

    class Generator(PostgresGenerator):
        """Prints ``x NOT IN (…)``, ``x IS NOT NULL``, ``FILTER (WHERE …)`` and NUMERIC as people write them."""

        TYPE_MAPPING: ClassVar = {**PostgresGenerator.TYPE_MAPPING, exp.DataType.Type.DECIMAL: "NUMERIC"}

        MULTI_ARG_DISTINCT = True  # STRING_AGG(DISTINCT a, ',') is printed as it was read

        def not_sql(self, expression: exp.Not) -> str:
            inner = expression.this
            if inner.args.get("negate"):
                # ``IS NOT NULL`` and its like are one node to sqlglot: the opposite is the node without its NOT.
                positive = inner.copy()
                positive.set("negate", None)
                return self.sql(positive)
            if isinstance(inner, exp.In | exp.Like | exp.ILike | exp.Between):
                operand = self.sql(inner, "this")
                return f"{operand} NOT{self.sql(inner).removeprefix(operand)}"
            if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
                return f"{self.sql(inner, 'this')} IS NOT NULL"
            if isinstance(inner, exp.NullSafeNEQ):
                return f"{self.sql(inner, 'this')} IS NOT DISTINCT FROM {self.sql(inner, 'expression')}"
            return super().not_sql(expression)

        def filter_sql(self, expression: exp.Filter) -> str:
            condition = self.sql(expression.expression, "this")
            return f"{self.sql(expression, 'this')} FILTER (WHERE {condition})"


def parse(text: str) -> exp.Expression:
    """One SQL expression; raises sqlglot's ParseError where it is none."""
    tree = Headrace().parse(text)[0]
    if not isinstance(tree, exp.Expression):
        raise ValueError(f"no SQL expression: {text}")
    return tree
