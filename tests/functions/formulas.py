"""Formulas and calls as SQL, for the tests of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlglot import exp

from headrace.grammar.check import type_formula
from headrace.grammar.expression import Call, Column, Expression, Level, Literal, ParameterValue, Scope, transform
from headrace.grammar.function import Constant, Example, Signature
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.types import Type, parse_type
from headrace.sql.expressions import render_expression, render_literal
from headrace.sql.types import sql_cast

NOW = "TIMESTAMP WITH TIME ZONE '2024-05-15 22:30:00+00'"
"""The run's instant in the tests: in Paris it is the next day already."""

HOSTILE = (
    "SET DateStyle = 'SQL, DMY'; SET TimeZone = 'America/New_York'; SET IntervalStyle = 'sql_standard';"
    " SET lc_time = 'C'; SET lc_numeric = 'C'; SET bytea_output = 'escape';"
)
FRIENDLY = "SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres';"

GROUPS = {
    "number": ("integer", "decimal", "float"),
    "any": ("boolean", "integer", "decimal", "float", "text", "date", "timestamp", "timestamptz", "uuid", "json"),
    "same": ("boolean", "integer", "decimal", "float", "text", "date", "timestamp", "timestamptz"),
    "printed": ("text",),
}

SAMPLES = {
    "boolean": "TRUE",
    "integer": "1",
    "decimal": "0.5",
    "float": "0.5",
    "text": "'1'",
    "date": "DATE '2024-01-31'",
    "time": "TIME '10:30:00'",
    "timestamp": "TIMESTAMP '2024-01-31 10:30:00'",
    "timestamptz": "TIMESTAMP WITH TIME ZONE '2024-01-31 10:30:00+00'",
    "interval": "INTERVAL '1 day'",
    "uuid": "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
    "json": "'[1]'",
    "binary": "'a'",
}


def sql(expression: Expression) -> str:
    def column(value: Column) -> exp.Expression:
        return exp.column(value.name, quoted=True)

    def parameter(value: ParameterValue) -> exp.Expression:
        return exp.Var(this=NOW)

    return render_expression(expression, column, parameter).sql("postgres")


def kinds_of(argument: str) -> tuple[str, ...]:
    """The kinds that an argument of a signature takes."""
    kind = argument.rstrip("?*")
    return GROUPS.get(kind, (kind,))


def literal_for(constant: Constant, kind: str) -> Literal:
    """A literal that a required constant takes."""
    value: Any
    if constant.choices:
        value = constant.choices[0]
    elif constant.reads:
        value = {
            "pattern": "YYYY-MM-DD",
            "date": "2024-01-31",
            "time": "10:30",
            "timestamp": "2024-01-31 10:30",
            "timestamptz": "2024-01-31T10:30Z",
        }[constant.reads]
    else:
        value = Decimal("0.5") if kind == "decimal" else 1
    return Literal(Type(kind, nullable=False), value)


@dataclass(frozen=True, slots=True)
class Sample:
    """A call of a signature over columns ``c0``, ``c1`` …, each of a kind; positions of literals are not columns."""

    call: Call
    columns: tuple[tuple[str, str], ...]
    result: str


def sample(function: str, index: int, kind: str) -> Sample:
    """The call of a signature in which groups of kinds stand for ``kind``."""
    signature = CATALOGUE[function].signatures[index]
    arguments: list[Expression] = []
    columns: list[tuple[str, str]] = []
    kinds: list[str] = []
    for position, argument in enumerate(signature.arguments):
        own = kinds_of(argument)[0] if len(kinds_of(argument)) == 1 else kind
        kinds.append(own)
        constant = signature.constants.get(position)
        if constant is not None and constant.required:
            arguments.append(literal_for(constant, own))
            continue
        columns.append((f"c{position}", own))
        arguments.extend([Column(Type(own), f"c{position}")] * (2 if argument.endswith("*") else 1))
    result = signature.result
    if result == "same":
        result = kind
    elif result.startswith("argument"):
        result = kinds[int(result.split()[1])]
    return Sample(Call(Type(result), function, index, tuple(arguments)), tuple(columns), result)


def variants(signature: Signature) -> tuple[str, ...]:
    """The kinds for which ``sample`` can stand for the groups of a signature; one empty where it has none."""
    groups = [kinds_of(argument) for argument in signature.arguments if len(kinds_of(argument)) > 1]
    return tuple(kind for kind in groups[0] if all(kind in group for group in groups)) if groups else ("",)


def typed(example: Example, levels: Collection[Level] = ("row", "aggregate", "window")) -> Expression:
    """The formula of an example, which must have nothing wrong with it."""
    columns: dict[str, Expression] = {}
    for declaration in example.rows[0] if example.rows else ():
        name, _, type_name = str(declaration).partition(" ")
        type_ = parse_type(type_name)
        assert type_ is not None, declaration
        columns[name] = Column(type_, name)
    checked = type_formula(example.formula, Scope(columns=columns), levels=levels)
    assert checked.expression is not None, [each.message for each in checked.diagnostics]
    return checked.expression


def table(example: Example) -> str:
    """The rows of an example as a table ``t``, numbered by ``n``."""
    types = [parse_type(str(declaration).partition(" ")[2]) for declaration in example.rows[0]]
    names = [str(declaration).partition(" ")[0] for declaration in example.rows[0]]

    def cell(value: object, type_: Type) -> str:
        text = exp.Null() if value is None else exp.Literal.string(str(value))
        return sql_cast(text, type_).sql("postgres")

    rows = [
        ", ".join([str(number), *(cell(v, t) for v, t in zip(row, types, strict=True) if t is not None)])
        for number, row in enumerate(example.rows[1:])
    ]
    columns = ", ".join(["n", *(f'"{name}"' for name in names)])
    return f"(VALUES {', '.join(f'({row})' for row in rows)}) AS t({columns})"


def lifted(expression: Expression) -> tuple[Expression, Sequence[tuple[str, str]]]:
    """The expression with columns in place of literals that need not be literals, and the SQL of each."""
    columns: list[tuple[str, str]] = []

    def change(node: Expression) -> Expression | None:
        if isinstance(node, Literal):
            name = f"k{len(columns)}"
            columns.append((name, sql_cast(render_literal(node), node.type).sql("postgres")))
            return Column(node.type, name)
        if isinstance(node, Call):
            constants = CATALOGUE[node.function].signatures[node.signature].constants
            arguments = tuple(
                argument if position in constants and constants[position].required else transform(argument, change)
                for position, argument in enumerate(node.arguments)
            )
            return replace(node, arguments=arguments)
        return None

    return transform(expression, change), columns
