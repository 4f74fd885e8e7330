"""The tokens of the SQL, outside literals and names, do not depend on any value or name: nothing can be put in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from headrace import Engine
from headrace.grammar.printer import print_name, print_text
from headrace.program.text import program_text
from headrace.run.embedded import Server
from tests.safety.sql_tokens import shape

HOSTILE = (
    "'",
    "''",
    '"',
    '""',
    "';DROP TABLE x;--",
    '"; DROP TABLE x; --',
    "-- comment",
    "/* comment",
    "*/ end",
    "/* /* */",
    "$$",
    "$a$ $a$",
    "$1",
    "%",
    "%s",
    "%(name)s",
    "%%",
    ":name",
    "::text",
    "{0}",
    "{{month}}",
    "\\",
    "\\'",
    "\\\\",
    "\\x41",
    "E'",
    "U&'",
    "\n",
    "\r\n-- x\n",
    "a\n; DROP TABLE x",
    "\t",
    "\u2028",
    "\u200b",
    "\ufeff",
    "é",
    "e\u0301",
    "中文",
    "😀",
    "ﬀ",
    "İ",
    "ʼ",
    "＇",
    "select",
    "order by 1",
    "null",
    "]",
    "[",
    "]]",
    "a.b",
    "`",
    "#",
    "?",
    "x" * 199,
    "é" * 190,
    "'" * 150,
)
"""What has come between SQL and its authors before."""


def _names(hostile: str) -> list[str]:
    """Names in the order of the alphabet; each needs quotes even where the text does not."""
    return [f"{letter} {hostile}"[:200] for letter in "ABCDEFGHIJKLMNOPQRSTUVW"]


def _document(names: Sequence[str], value: str) -> dict[str, Any]:
    """A project that uses every kind of name and every place of a text."""
    table, first, second, number, other, new, group, measure, label, origin, parameter, key, flow, step = names[:14]
    one, two, three, project, schema = names[14:19]
    of = print_name
    text = print_text(value)
    rows = [{first: value, second: "b", number: 1, key: 1}, {first: None, second: value, number: 2, key: 2}]
    return {
        "headrace": 1,
        "name": project,
        "schema": schema,
        "flow": flow,
        "parameters": {
            "p": {"type": "text", "default": value},
            "q": {"type": "text", "list": True, "default": [value]},
        },
        "sources": {
            table: {
                "rows": rows,
                "columns": {first: "text", second: "text", number: "integer", key: "integer"},
                "formulas": {"virtual": f"{of(first)} & {text}"},
                "description": value,
            },
        },
        "nodes": {
            one: {
                "from": table,
                "description": value,
                "materialize": "table",
                "keys": [key],
                "steps": [
                    {
                        "filter": f"{of(first)} = {text} or {of(second)} in ({text}, $p) or {of(first)} in $q",
                        "name": step,
                    },
                    {"derive": {new: f"upper({of(first)}) & {text} & virtual", label: text}, "note": value},
                    {"derive": {other: f"if(contains({of(new)}, {text}), {text}, $p)"}},
                    {"rename": {origin: second}},
                ],
            },
            two: {
                "from": one,
                "materialize": "table",
                "steps": [
                    {
                        "aggregate": {
                            "by": [{group: of(first)}],
                            "measures": {
                                measure: f"string_agg({of(origin)}, {text} order by {of(origin)})",
                                number: f"count(where {of(label)} = {text})",
                            },
                        }
                    },
                    {"derive": {other: f"first({of(measure)} per {of(group)} order by {of(number)})"}},
                    {"join": {"with": one, "by": {group: first}, "cardinality": "many_to_many", "columns": [new]}},
                ],
            },
            three: {
                "for_each": {parameter: [value, f"{value}2"[-200:]]},
                "from": table,
                "materialize": "view",
                "steps": [{"filter": f"{of(first)} = $p"}, {"select": [second]}],
                "then": [{"limit": {"rows": 3, "order": f"{of(second)} desc"}}],
            },
        },
    }


def _more(names: Sequence[str], value: str) -> dict[str, Any]:
    """Nodes of the other steps, over those of ``_document``."""
    table, first, second, number, other, new, _, _, label = names[:9]
    key, one = names[11], names[14]
    of, text = print_name, print_text(value)
    # The values of a pivot become names of columns: they differ from one another and from the other columns.
    only = [f"v {value}"[:150], f"w {value}"[:150]]
    return {
        "pivoted": {
            "from": table,
            "steps": [
                {"pivot": {"by": [key], "columns": first, "values": {"m": f"max({of(second)})"}, "only": only}},
                {"unpivot": {"columns": [f"m_{each}" for each in only], "name": label, "value": other}},
            ],
        },
        "split": {
            "from": table,
            "steps": [
                {"derive": {new: f"{of(first)} & {text}"}},
                {"split": {"column": new, "at": value or ";", "into": other, "position": label}},
                {"dedupe": {"by": [other], "order": f"{of(number)} desc"}},
            ],
        },
        "looked_up": {
            "from": table,
            "steps": [
                {"lookup": {"with": one, "by": key, "columns": [new], "missing": {new: value}}},
                {"fill": {"down": [first], "per": [key], "order": of(number)}},
                {"sample": {"rows": 3, "seed": 7}},
                {
                    "expect": [
                        {"formula": f"{of(new)} != {text}", "name": f"x{value}", "description": value},
                        {"values": {first: [value, "b"]}},
                        {"unique": [key]},
                    ]
                },
            ],
            "materialize": "table",
        },
        "both": {"from": table, "steps": [{"select": [first, second]}, {"intersect": ["same"]}]},
        "same": {"from": table, "steps": [{"select": [first, second]}, {"except": ["others"]}]},
        "others": {"from": table, "steps": [{"filter": f"{of(first)} > {text}"}, {"select": [first, second]}]},
    }


def _sql(names: Sequence[str], value: str) -> list[str]:
    """All the SQL there is of the project: the program, the SQL of nodes, a preview."""
    made = _document(names, value)
    made["nodes"] |= _more(names, value)
    engine = Engine()
    result = engine.compile(made)
    assert [each.message for each in result.diagnostics if each.severity == "error"] == []
    assert result.program is not None
    nodes = [result.nodes[name].sql or "" for name in made["nodes"]]
    shown = [engine.preview(made, None, name).sql or "" for name in made["nodes"]]
    return [program_text(result.program), *nodes, *shown]


PLAIN = [shape(sql) for sql in _sql(_names("plain"), "plain")]


def _differences(names: Sequence[str], value: str) -> list[str]:
    """Where the tokens of the project's SQL are not those of the plain one: the first of each text."""
    found = []
    for sql, plain in zip(_sql(names, value), PLAIN, strict=True):
        tokens = shape(sql)
        pairs = enumerate(zip_longest(tokens, plain))
        at = next((at for at, (one, other) in pairs if one != other), None)
        if at is not None:
            found.append(f"{tokens[max(0, at - 12) : at + 8]} and not {plain[max(0, at - 12) : at + 8]}")
    return found


def test_the_plain_project_has_tokens_to_compare() -> None:
    assert all(len(tokens) > 40 for tokens in PLAIN)
    assert {"CREATE", "SELECT", "WHERE", "GROUP", "name", "text", "number"} <= {each for one in PLAIN for each in one}


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_hostile_names_and_values_change_no_token(hostile: str) -> None:
    assert _differences(_names(hostile), hostile) == []


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0*?"), max_size=80)


@given(_TEXT, _TEXT)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@example("", "")
@example("a", "a" * 80)
def test_no_name_and_no_value_changes_a_token(name: str, value: str) -> None:
    assert _differences(_names(name), value) == []


@pytest.mark.parametrize("hostile", ["\0", "a\0b", "\ud800"], ids=ascii)
def test_what_no_database_stores_is_refused(hostile: str) -> None:
    for made in (_document(_names(hostile), "x"), _document(_names("x"), hostile)):
        result = Engine().compile(made)
        assert [each for each in result.diagnostics if each.severity == "error"]


def test_the_database_computes_with_hostile_names_and_values(server: Server) -> None:
    """The same texts go in and come out, whatever they are."""
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for hostile in HOSTILE:
            names = _names(hostile)
            made = _document(names, hostile)
            sql = Engine().preview(made, None, names[14]).sql
            assert sql is not None
            cursor.execute(sql)
            assert cursor.description is not None
            columns = [column.name for column in cursor.description]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            assert len(rows) == 2
            values = {value for row in rows for value in row.values()}
            assert hostile in values
    connection.close()
