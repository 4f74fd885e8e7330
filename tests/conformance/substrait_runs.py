"""Runs the cases of Substrait as formulas on PostgreSQL, and says of each how it came out."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import psycopg2
import yaml

from headrace.grammar.check import type_formula
from headrace.grammar.expression import Column, Expression, Scope
from headrace.grammar.types import Type
from tests.conformance.substrait_cases import Case, Value
from tests.functions.formulas import sql

MEANINGS: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "meanings.yaml").read_text(encoding="utf-8"))

Outcome = Literal["passed", "differs", "not ours", "wrong"]

_KINDS = {
    "i8": "integer",
    "i16": "integer",
    "i32": "integer",
    "i64": "integer",
    "fp32": "float",
    "fp64": "float",
    "str": "text",
    "bool": "boolean",
    "date": "date",
    "dec": "decimal",
    "pts": "timestamp",
    "ptstz": "timestamptz",
    "iday": "interval",
    "iyear": "interval",
}
_SQL = {
    "integer": "BIGINT",
    "float": "DOUBLE PRECISION",
    "text": "TEXT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "decimal": "NUMERIC",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "interval": "INTERVAL",
}
_PART = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_UNITS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a case came out, and why or with what."""

    case: Case
    outcome: Outcome
    note: str = ""


def run_cases(cases: Sequence[Case], cursor: Any) -> list[Answer]:
    """Every case on one session; each statement stands alone."""
    return [_run(case, cursor) for case in cases]


def _run(case: Case, cursor: Any) -> Answer:
    reason = _not_ours(case)
    if reason:
        return Answer(case, "not ours", reason)
    expected = "an error" if case.result is None else case.result.text or "null"
    try:
        found = _compute(case, cursor)
        same = case.result is not None and _is_same(found, case.result)
    except _RefusedFormula as error:
        found, same = str(error), case.result is None
    except psycopg2.DataError as error:
        found, same = str(error).splitlines()[0], case.result is None
    if same:
        return Answer(case, "passed")
    for each in MEANINGS["differs"]:
        if re.search(each["cases"], case.line) and each.get("group", case.group) == case.group:
            return Answer(case, "differs", each["reason"])
    return Answer(case, "wrong", f"{found!r}, not {expected}")


def _not_ours(case: Case) -> str:
    if case.function in MEANINGS["not_ours"]:
        return str(MEANINGS["not_ours"][case.function])
    if case.undefined:
        return "The case says that the result is undefined."
    narrow = {"i8", "i16", "i32", "fp32"} & {_base(value.type) for value in (*case.arguments, *(case.rows or ()))}
    if narrow and any(option.startswith("overflow:") for option in case.options):
        return "Whole numbers have 64 bits, so narrower ones do not overflow."
    if _formula(case) is None:
        return f"No formula asks for {', '.join(case.options) or case.function}."
    return ""


def _base(type_: str) -> str:
    return type_.partition("<")[0]


def _formula(case: Case) -> str | None:
    """The formula that has the meaning of the case's function."""
    formulas: Mapping[str, str] = MEANINGS["formulas"]
    name = case.function
    if case.arguments and case.arguments[0].type == "enum":
        name = f"{name} {case.arguments[0].text}"
    options = [option for option in case.options if option.split(":")[0] not in ("spaces_only", "lookaround")]
    for option in options:
        found = formulas.get(f"{name}[{option}]")
        if found is not None:
            return found
    if any(option.startswith(("case_sensitivity", "rounding")) for option in options):
        return formulas.get(name) if options == ["rounding:TIE_TO_EVEN"] else None
    for position, text in MEANINGS["given"].get(case.function, {}).items():
        if position < len(case.arguments) and case.arguments[position].text != text:
            return None
    return formulas.get(name)


class _RefusedFormula(Exception):
    """The formula says why it cannot be computed."""


def _compute(case: Case, cursor: Any) -> Any:
    values = case.rows if case.rows is not None else case.arguments
    formula = _formula(case)
    assert formula is not None
    columns: dict[str, Expression] = {}
    written = []
    for position, value in enumerate(values[:1] if case.rows is not None else values):
        name = f"a{position}"
        columns[name] = Column(Type(_kind(value.type)), name)
        literal = _duration(value) if _kind(value.type) == "interval" and case.rows is None else None
        written.append(literal or name)
    if case.rows is not None and not values:
        columns["a0"] = Column(Type(_kind(case.line.rpartition(" = ")[0].rpartition("::")[2].rstrip(")"))), "a0")
        written.append("a0")
    for position, text in enumerate(written):
        formula = formula.replace(f"{{{position}}}", text)
    typed = type_formula(formula, Scope(columns=columns), levels=("row", "aggregate"))
    if typed.expression is None:
        raise _RefusedFormula(" ".join(each.message for each in typed.diagnostics))
    cursor.execute(f"SELECT {sql(typed.expression)} FROM {_table(case, values, columns)}")
    return cursor.fetchone()[0]


def _kind(type_: str) -> str:
    return _KINDS[_base(type_.replace("?", "").strip())]


def _table(case: Case, values: Sequence[Value], columns: Mapping[str, Expression]) -> str:
    """The arguments as a row, or the rows of an aggregate; not folded into the expression, so that both are tried."""
    if case.rows is None:
        cells = [f'{_cell(value)} AS "a{position}"' for position, value in enumerate(values)]
        return f"(SELECT {', '.join(cells)} OFFSET 0) AS t"
    if values:
        return f"(VALUES {', '.join(f'({_cell(value)})' for value in values)}) AS t(a0)"
    return f"(SELECT CAST(NULL AS {_SQL[columns['a0'].type.kind]}) AS a0 WHERE FALSE) AS t"


def _cell(value: Value) -> str:
    kind = _kind(value.type)
    if value.text is None:
        return f"CAST(NULL AS {_SQL[kind]})"
    text = _plain(value)
    quoted = "'" + text.replace("'", "''") + "'"
    if _base(value.type) == "fp32":
        return f"CAST(CAST({quoted} AS REAL) AS DOUBLE PRECISION)"
    return f"CAST({quoted} AS {_SQL[kind]})"


def _plain(value: Value) -> str:
    text = value.text or ""
    return text[1:-1] if _base(value.type) == "str" else text


def _duration(value: Value) -> str | None:
    """``P5D`` as ``5 days``, as a formula has it."""
    found = _PART.fullmatch(value.text or "")
    if found is None:
        return None
    parts = [f"{number} {unit}s" for number, unit in zip(found.groups(), _UNITS, strict=True) if number]
    return f"({' '.join(parts)})"


def _is_same(found: Any, expected: Value) -> bool:
    if found is None or expected.text is None:
        return found is None and expected.text is None
    kind, text = _kind(expected.type), _plain(expected)
    if kind == "float":
        number = float(text)
        if not isinstance(found, int | float | Decimal):
            return False
        tolerance = 1e-6 if _base(expected.type) == "fp32" else 1e-9
        return (math.isnan(number) and math.isnan(found)) or math.isclose(float(found), number, rel_tol=tolerance)
    if kind in ("integer", "decimal"):
        return isinstance(found, int | Decimal | float) and Decimal(str(found)) == Decimal(text)
    if kind == "boolean":
        return isinstance(found, bool) and found == (text.lower() == "true")
    if kind == "interval":
        return bool(found == _timedelta(text))
    if kind in ("date", "timestamp"):
        return type(found) is (dt.date if kind == "date" else dt.datetime) and found.isoformat() == text
    return bool(found == text)


def _timedelta(text: str) -> dt.timedelta:
    found = _PART.fullmatch(text)
    assert found is not None, text
    years, months, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return dt.timedelta(days=365 * years + 30 * months + days, hours=hours, minutes=minutes, seconds=seconds)
