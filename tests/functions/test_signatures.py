"""Every signature of the catalogue over columns: known to PostgreSQL, of the declared type, null as declared."""

from __future__ import annotations

from typing import Any

import pytest
from format_types import FORMAT_TYPE
from sqlglot import exp

from headrace.grammar.expression import Aggregate, Expression, Window
from headrace.grammar.function import Function
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.types import Type
from headrace.sql.types import sql_cast

from .formulas import SAMPLES, Sample, sample, sql, variants

_FUNCTIONS = list(CATALOGUE.values())
_ROW_FUNCTIONS = [function for function in _FUNCTIONS if function.level == "row"]


def _samples(function: Function) -> list[Sample]:
    return [
        sample(function.name, index, kind)
        for index, signature in enumerate(function.signatures)
        for kind in variants(signature)
    ]


def _expressions(function: Function, each: Sample) -> list[Expression]:
    call = each.call
    if function.level == "window":
        return [Window(call.type, call)]
    if function.level == "row":
        return [call]
    signature = function.signatures[call.signature]
    arguments = tuple(a for position, a in enumerate(call.arguments) if position != signature.condition)
    where = None if signature.condition is None else call.arguments[signature.condition]
    aggregate = Aggregate(call.type, function.name, call.signature, arguments, signature.distinct, where)
    return [aggregate, *([Window(call.type, aggregate)] if function.over and not signature.distinct else [])]


def _cell(kind: str, text: str | None) -> str:
    value = exp.Null() if text is None else exp.Var(this=text)
    return sql_cast(value, Type(kind)).sql("postgres")


@pytest.mark.parametrize("function", _FUNCTIONS, ids=[function.name for function in _FUNCTIONS])
def test_type(cursor: Any, function: Function) -> None:
    for each in _samples(function):
        for expression in _expressions(function, each):
            source = ", ".join(f"{_cell(kind, None)} AS {name}" for name, kind in each.columns) or "1"
            cursor.execute(f"SELECT CAST(pg_typeof({sql(expression)}) AS TEXT) FROM (SELECT {source}) AS t")
            assert cursor.fetchone()[0] == FORMAT_TYPE[each.result], (each, sql(expression))


# False and null is false: what they say of a null is only that there is one among the arguments.
_NOT_ALWAYS_NULL = ("and", "or", "between")


@pytest.mark.parametrize("function", _ROW_FUNCTIONS, ids=[function.name for function in _ROW_FUNCTIONS])
def test_nulls(cursor: Any, function: Function) -> None:
    """A strict function is null where any argument is; one that is never null is not, even of nulls alone."""
    if function.nulls in ("custom", "empty") or function.name in _NOT_ALWAYS_NULL:
        return
    for each in _samples(function):
        names = [name for name, _ in each.columns]
        cases = [set(names)] if function.nulls == "never" else [{name} for name in names]
        for nulls in cases:
            columns = [
                _cell(kind, None if name in nulls else SAMPLES[kind]) + f" AS {name}" for name, kind in each.columns
            ]
            cursor.execute(f"SELECT ({sql(each.call)}) IS NULL FROM (SELECT {', '.join(columns) or '1'} OFFSET 0) AS t")
            assert cursor.fetchone()[0] is (function.nulls == "strict"), (sql(each.call), nulls)


_SERIES = {
    "integer": "n - 400",
    "decimal": "(n - 400) / 7.0",
    "float": "CAST((n - 400) / 7.0 AS DOUBLE PRECISION)",
    "date": "DATE '2023-11-01' + n",
    "timestamp": "TIMESTAMP '2023-11-01 00:00:00' + n * INTERVAL '17 hours 13 minutes'",
}
_POSITIVE = ("sqrt", "ln", "log10", "log2", "date", "timestamp")


@pytest.mark.parametrize("name", [function.name for function in _ROW_FUNCTIONS if function.monotone])
def test_monotone(cursor: Any, name: str) -> None:
    """The value never falls when an argument declared monotone rises."""
    function = CATALOGUE[name]
    tried = 0
    for each in _samples(function):
        for position in function.monotone:
            column = next((c for c in each.columns if c[0] == f"c{position}"), None)
            if column is None or column[1] not in _SERIES:
                continue
            if name in _POSITIVE or (column[1] == "decimal" and name == "exp"):
                rising = _SERIES[column[1]].replace("n - 400", "n + 1")
            else:
                rising = _SERIES[column[1]]
            columns = [
                _cell(kind, rising if other == column[0] else SAMPLES[kind]) + f" AS {other}"
                for other, kind in each.columns
            ]
            rows = f"(SELECT n, {', '.join(columns)} FROM generate_series(1, 800) AS n) AS t"
            values = f"SELECT n, {sql(each.call)} AS v FROM {rows}"
            cursor.execute(
                f"SELECT bool_and(f) FROM (SELECT v >= lag(v) OVER (ORDER BY n) AS f FROM ({values}) AS s) AS u"
            )
            assert cursor.fetchone()[0] is True, sql(each.call)
            tried += 1
    assert tried


def test_signatures_are_told_apart() -> None:
    """No signature is hidden by an earlier one with the same arguments and no constant to tell them apart."""
    for function in _FUNCTIONS:
        seen: dict[tuple[object, ...], int] = {}
        for index, signature in enumerate(function.signatures):
            constants = tuple((k, v.choices, v.required) for k, v in sorted(signature.constants.items()))
            key = (signature.arguments, constants)
            if function.family != "operators":
                assert key not in seen, (function.name, index, seen[key])
            seen[key] = index


def test_choices_are_small_letters() -> None:
    """Choices are compared folded, so they must be written folded."""
    for function in _FUNCTIONS:
        for signature in function.signatures:
            for constant in signature.constants.values():
                assert all(not isinstance(c, str) or c == c.casefold() for c in constant.choices), function.name


def test_constants_are_within_arguments() -> None:
    for function in _FUNCTIONS:
        for signature in function.signatures:
            count = len(signature.arguments)
            places = [*signature.constants, *signature.defaults, signature.timezone or 0, signature.condition or 0]
            assert all(place < max(count, 1) for place in places), function.name
            optional = {i for i, argument in enumerate(signature.arguments) if argument.endswith("?")}
            given = {*signature.defaults, *([] if signature.timezone is None else [signature.timezone])}
            assert optional == given, (function.name, signature.arguments)
