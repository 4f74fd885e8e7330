"""Every example of the catalogue has the value it says, under settings that would change it if any did."""

from __future__ import annotations

from typing import Any

import pytest
from format_types import FORMAT_TYPE

from headrace.grammar.expression import Expression, level_of
from headrace.grammar.function import Example, Function
from headrace.grammar.functions import CATALOGUE

from .formulas import FRIENDLY, HOSTILE, lifted, sql, table, typed

_FUNCTIONS = list(CATALOGUE.values())


def _select(expression: Expression, example: Example) -> str:
    """A query of one value."""
    if not example.rows:
        return f"SELECT {sql(expression)} AS v"
    if level_of(expression) == "window":
        return f"SELECT v FROM (SELECT n, {sql(expression)} AS v FROM {table(example)}) AS w ORDER BY n DESC LIMIT 1"
    return f"SELECT {sql(expression)} AS v FROM {table(example)}"


def _values(cursor: Any, queries: list[str]) -> list[tuple[str | None, str]]:
    """Value and type of each query, computed under hostile settings and printed under friendly ones."""
    columns = ", ".join(f"q{i}.v AS v{i}" for i in range(len(queries)))
    tables = ", ".join(f"({query}) AS q{i}" for i, query in enumerate(queries))
    # A query finds one row, so that their product has one.
    cursor.execute(
        f"{HOSTILE} DROP TABLE IF EXISTS found; CREATE TEMPORARY TABLE found AS SELECT {columns} FROM {tables}"
    )
    printed = ", ".join(f"CAST(v{i} AS TEXT), CAST(pg_typeof(v{i}) AS TEXT)" for i in range(len(queries)))
    cursor.execute(f"{FRIENDLY} SELECT {printed} FROM found")
    row = cursor.fetchone()
    return list(zip(row[::2], row[1::2], strict=True))


@pytest.mark.parametrize("function", _FUNCTIONS, ids=[function.name for function in _FUNCTIONS])
def test_has_examples(function: Function) -> None:
    assert function.examples
    assert function.meaning.endswith((".", ")"))


@pytest.mark.parametrize("function", _FUNCTIONS, ids=[function.name for function in _FUNCTIONS])
def test_value(cursor: Any, function: Function) -> None:
    """The value of each formula as it stands."""
    expressions = [typed(example) for example in function.examples]
    found = _values(cursor, [_select(e, x) for e, x in zip(expressions, function.examples, strict=True)])
    said = {example.formula: example.value for example in function.examples}
    assert {x.formula: v for x, (v, _) in zip(function.examples, found, strict=True)} == said
    for example, expression in zip(function.examples, expressions, strict=True):
        assert example.value is not None or expression.type.nullable, f"{example.formula} cannot be null, says its type"


@pytest.mark.parametrize("function", _FUNCTIONS, ids=[function.name for function in _FUNCTIONS])
def test_value_over_columns(cursor: Any, function: Function) -> None:
    """The value and the exact type when what the formula spells comes from columns."""
    queries, examples, kinds = [], [], []
    for example in function.examples:
        expression = typed(example)
        if example.rows:
            queries.append(_select(expression, example))
        else:
            over_columns, columns = lifted(expression)
            source = ", ".join(f"{text} AS {name}" for name, text in columns) or "1"
            # OFFSET keeps PostgreSQL from putting the constants in their old places.
            queries.append(f"SELECT {sql(over_columns)} AS v FROM (SELECT {source} OFFSET 0) AS k")
        examples.append(example)
        kinds.append(expression.type.kind)
    found = _values(cursor, queries)
    assert [value for value, _ in found] == [example.value for example in examples]
    expected = ["text" if kind == "null" else FORMAT_TYPE[kind] for kind in kinds]
    assert [type_ for _, type_ in found] == expected
