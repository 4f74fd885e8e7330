"""Every clause on every aggregate and window function: PostgreSQL computes it, or the formula says why not."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest

from headrace import Engine
from headrace.grammar.function import Constant, Function
from headrace.grammar.functions import CATALOGUE
from headrace.program.settings import setting_statements
from headrace.run.embedded import Server

_COLUMNS = {
    "boolean": "b",
    "integer": "i",
    "decimal": "n",
    "float": "f",
    "text": "s",
    "printed": "s",
    "any": "s",
    "same": "i",
    "number": "i",
    "date": "d",
    "time": "tm",
    "timestamp": "ts",
    "timestamptz": "tz",
    "json": "j",
    "uuid": "u",
}
_TABLE = {
    "keys": ["id"],
    "columns": {"id": "integer", "g": "text"}
    | {name: kind for kind, name in _COLUMNS.items() if kind not in ("printed", "any", "same", "number")},
    "rows": [
        {
            "id": number,
            "g": "a" if number < 3 else "b",
            "b": number != 2,
            "i": number // 2 + 1,
            "n": f"{number}.5",
            "f": f"{number}.25",
            "s": "xyxz"[number - 1],
            "d": f"2024-01-0{number}",
            "tm": "10:00",
            "ts": "2024-01-01 10:00:00",
            "tz": "2024-01-01T10:00:00Z",
            "j": "[1]",
            "u": f"00000000-0000-0000-0000-00000000000{number}",
        }
        for number in range(1, 5)
    ],
}
_CLAUSES = (
    "",
    "distinct {}",
    "{} where id > 1",
    "{} order by d",
    "{} order by {0}",
    "distinct {} order by {0}",
    "{} per g",
    "{} per ()",
    "{} per g order by d",
    "{} where id > 1 per g",
    "{} per g order by d rows 2",
    "{} per g order by d range 2 days",
    "{} where b per g order by d rows 2",
    "distinct {} per g",
    "distinct {} where b per g",
    "distinct {} per g order by d",
    "distinct {} per g order by d rows 2",
)
_SAID = {"F130", "F132", "F135", "F141", "F142", "F147"}
"""What may be said of clauses: that they do not go with the function, with each other, or with the step."""


def _literal(constant: Constant | None, kind: str) -> str | None:
    """The literal that an argument has to be, if it has."""
    if constant is None or not (constant.required or constant.choices):
        return None
    if constant.choices:
        choice = constant.choices[0]
        return f'"{choice}"' if isinstance(choice, str) else str(choice).lower()
    return "0.5" if kind == "decimal" else "1"


def _calls(function: Function) -> list[str]:
    """The first signature that columns of ours fit, with each of the clauses."""
    for signature in function.signatures:
        kinds = [argument.rstrip("?*") for argument in signature.arguments]
        if all(kind in _COLUMNS for kind in kinds):
            arguments = [
                _literal(signature.constants.get(at), kind)
                or ("1" if at and kind == "integer" else '","' if at and kind == "text" else _COLUMNS[kind])
                for at, kind in enumerate(kinds)
            ]
            first = arguments[0] if arguments else "id"
            written = ", ".join(arguments)
            clauses = [each.replace("{0}", first).replace("{}", written) if each else written for each in _CLAUSES]
            return [f"{function.name}({each})" for each in clauses]
    raise AssertionError(f"{function.name} cannot be called")


_FUNCTIONS = [function for function in CATALOGUE.values() if function.level != "row"]


@pytest.mark.parametrize("function", _FUNCTIONS, ids=[function.name for function in _FUNCTIONS])
def test_every_clause_works_or_is_answered(function: Function, server: Server) -> None:
    connection = psycopg2.connect(server.url)
    works = 0
    try:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(setting_statements()))
            for formula in _calls(function):
                for step in (
                    {"aggregate": {"by": ["g"], "measures": {"v": formula}}},
                    {"derive": {"v": formula}},
                ):
                    works += _works(formula, step, cursor)
    finally:
        connection.close()
    assert works, function.name


def _works(formula: str, step: dict[str, Any], cursor: Any) -> bool:
    """Whether PostgreSQL has computed it; raises AssertionError where it would not, or nothing was said."""
    document = {"headrace": 1, "sources": {"t": _TABLE}, "nodes": {"n": {"from": "t", "steps": [step]}}}
    shown = Engine().preview(document, None, "n")
    if shown.sql is None:
        errors = [each for each in shown.diagnostics if each.severity == "error"]
        assert errors, formula
        assert errors[0].code in _SAID, (formula, errors[0].message)
        return False
    try:
        cursor.execute(shown.sql)
    except psycopg2.Error as error:
        raise AssertionError(f"{formula}\n{error}\n{shown.sql}") from error
    assert cursor.rowcount in (2, 4)
    return True
