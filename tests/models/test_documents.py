"""Documents loaded piece by piece: what is right stands, short and long forms are the same, and steps keep notes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from headrace.grammar.types import Type
from headrace.models import (
    ALL,
    Document,
    Formula,
    InvalidStep,
    NodeColumn,
    Range,
    Step,
    ValueList,
    load_document,
    read_data,
    read_yaml,
)
from headrace.models.steps import LATER_STEPS, STEPS, Derive, Filter, Join, Limit, Sort, SortKey
from headrace.models.steps.sort_key import read_sort_key

ROOT = Path(__file__).resolve().parent.parent.parent


def _document(text: str) -> Document:
    return load_document(read_yaml("headrace: 1\n" + text)).document


def _step(text: str) -> Step:
    return _document("nodes:\n  n:\n    from: t\n    steps:\n      - " + text).nodes["n"].steps[0]


def test_a_bad_part_takes_nothing_else_away() -> None:
    document = _document(
        """
parameters: {good: {type: date, default: 1998-06-30}, bad: {type: money, description: kept}}
sources:
  good: {table: a.b}
  bad: {file: a.csv, columns: {a: integer, b: money}, formulas: {c: a + 1}}
  worse: [1, 2]
nodes:
  n:
    from: good
    steps:
      - filter: a > 1
      - filtr: b
        name: wrong
      - sort: a
    materialize: tabel
    keys: [a]
  m: nonsense
"""
    )
    assert document.parameters["good"].default == date(1998, 6, 30)
    assert (document.parameters["bad"].type, document.parameters["bad"].broken) == (None, ("type",))
    assert document.parameters["bad"].description == "kept"
    assert document.sources["good"].broken == ()
    bad = document.sources["bad"]
    assert (list(bad.columns or ()), bad.broken, bad.formulas) == (["a"], ("columns",), {"c": "a + 1"})
    assert "table" in document.sources["worse"].broken
    node = document.nodes["n"]
    assert [type(step) for step in node.steps] == [Filter, InvalidStep, Sort]
    assert (node.steps[1].key, node.steps[1].name, node.steps[1].pointer) == ("filtr", "wrong", "/nodes/n/steps/1")
    assert (node.materialize, node.broken, node.keys) == (None, ("materialize",), (("a",),))
    assert (document.nodes["m"].from_, document.nodes["m"].name) == (None, "m")


def test_a_half_written_file_says_nothing_of_what_is_not_finished() -> None:
    whole = "headrace: 1\nnodes:\n  a:\n    from: t\n    steps:\n      - filter: x > 1\n"
    text = whole + "  b:\n    steps:\n      - join: {with: 'c"
    loaded = load_document(read_yaml(text))
    assert [each.code for each in loaded.diagnostics] == ["M021"]
    assert loaded.document.nodes["a"].steps[0] == _step_of("filter: x > 1", "/nodes/a/steps/0")


def _step_of(text: str, pointer: str) -> Step:
    return _step(text).placed(pointer)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("drop: a", "drop: [a]"),
        ("select: [a, b]", "select:\n        - a\n        - b"),
        ("union: a", "union: {with: [a]}"),
        ("union: [a, b]", "union: {with: [a, b], distinct: false}"),
        ("limit: 3", "limit: {rows: 3, offset: 0}"),
        ("join: {with: c, by: a}", "join: {with: c, by: [a], kind: inner}"),
        ("join: {with: c, by: [a, b]}", "join: {with: c, by: {a: a, b: b}}"),
        ("filter:   a > 1  ", 'filter: " a > 1 "'),
        ("derive: {a: 3, b: true}", 'derive: {a: "3", b: "true"}'),
        ("limit: {rows: 3, per: a, order: b desc}", "limit: {rows: 3, per: [a], order: [b DESC nulls LAST]}"),
    ],
)
def test_short_and_long_forms_are_the_same(short: str, long: str) -> None:
    first, second = _step(short), _step(long)
    assert not isinstance(first, InvalidStep)
    assert repr(first) == repr(second)  # but for the places of the parts


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("amount", SortKey(formula=Formula("amount"))),
        ("amount desc", SortKey(formula=Formula("amount"), descending=True)),
        ("amount DESC NULLS FIRST", SortKey(formula=Formula("amount"), descending=True, nulls="first")),
        ("a nulls first", SortKey(formula=Formula("a"), nulls="first")),
        ("round(a, 2) asc", SortKey(formula=Formula("round(a, 2)"))),
        ("[unit desc]", SortKey(formula=Formula("[unit desc]"))),
        ("desc", SortKey(formula=Formula("desc"))),
        ("a -desc", SortKey(formula=Formula("a -desc"))),
    ],
)
def test_keys_of_an_order(text: str, key: SortKey) -> None:
    assert read_sort_key(text) == key


def test_steps_keep_what_stands_beside_their_key() -> None:
    step = _step("derive: {a: b}\n        name: first\n        note: why\n        disabled: true\n        meta: {x: 1}")
    assert isinstance(step, Derive)
    assert (step.key, step.name, step.note, step.disabled, step.meta) == ("derive", "first", "why", True, {"x": 1})
    assert step != _step("derive: {a: b}")
    assert step.at("a") == "/nodes/n/steps/0/derive/a"
    join = _step("join: {with: c, by: a, kind: left}\n        meta: y")
    assert isinstance(join, Join)
    assert (join.key, join.kind, join.name, join.meta) == ("join", "left", None, "y")
    limit = _step("limit: 3")
    assert isinstance(limit, Limit)
    assert limit.at("rows") == "/nodes/n/steps/0/limit"


def test_values_of_for_each() -> None:
    node = _document(
        "nodes: {n: {from: t, for_each: {a: [1, x], b: {every: day, from: 2024-01-01, to: 2024-01-02}, "
        "zip: {c: {node: m}, d: {node: m, column: e}}}}}"
    ).nodes["n"]
    assert node.for_each is not None
    factors = [[each.name for each in factor.parameters] for factor in node.for_each.factors]
    assert factors == [["a"], ["b"], ["c", "d"]]
    a, b, c, d = (each.values for each in node.for_each.parameters)
    assert isinstance(a, ValueList)
    assert isinstance(b, Range)
    assert isinstance(c, NodeColumn)
    assert isinstance(d, NodeColumn)
    assert (a.texts, b.type, c.column, d.column) == (("1", "x"), Type("date", nullable=False), None, "e")
    assert [each.pointer for each in node.for_each.parameters][2:] == [
        "/nodes/n/for_each/zip/c",
        "/nodes/n/for_each/zip/d",
    ]


def test_a_parameter_may_be_called_zip() -> None:
    for values in ("[1, 2]", "{every: 1, from: 1, to: 3}", "{node: m}"):
        node = _document(f"nodes: {{n: {{from: t, for_each: {{zip: {values}}}}}}}").nodes["n"]
        assert node.for_each is not None
        assert [each.name for each in node.for_each.parameters] == ["zip"]


def test_columns_of_rows_are_what_the_values_look_like() -> None:
    source = _document("sources: {s: {rows: [{a: 1, b: x, c: true}, {a: 2.50, d: '7'}, {a: , e: null}]}}").sources["s"]
    assert source.rows == (
        {"a": Decimal(1), "b": "x", "c": True, "d": None, "e": None},
        {"a": Decimal("2.50"), "b": None, "c": None, "d": "7", "e": None},
        {"a": None, "b": None, "c": None, "d": None, "e": None},
    )
    assert source.columns is not None
    kinds = {name: column.column_type.kind for name, column in source.columns.items()}
    assert kinds == {"a": "decimal", "b": "text", "c": "boolean", "d": "text", "e": "text"}


def test_declared_columns_type_the_rows() -> None:
    source = _document("sources: {s: {columns: {a: text, d: date}, rows: [{a: 0012, d: 2024-01-31}, {}]}}").sources["s"]
    assert source.rows == ({"a": "0012", "d": date(2024, 1, 31)}, {"a": None, "d": None})


def test_parameters() -> None:
    parameters = _document(
        "parameters: {a: date, b: {type: text, list: true, default: all}, c: {type: text, default: all}, "
        "d: {type: integer, list: true, default: [1, 2]}}"
    ).parameters
    assert [each.default for each in parameters.values()] == [None, ALL, "all", (1, 2)]
    assert [each.name for each in parameters.values()] == list("abcd")


def test_models_are_frozen() -> None:
    document = _document("nodes: {n: {from: t}}")
    with pytest.raises(ValidationError):
        document.nodes["n"].from_ = "x"


def test_null_counts_as_not_written() -> None:
    """JSON has no other way to leave a key out in place."""
    with_nulls: dict[str, Any] = {
        "headrace": 1,
        "name": None,
        "sources": None,
        "nodes": {"n": {"from": "t", "steps": None}},
    }
    without = {"headrace": 1, "nodes": {"n": {"from": "t"}}}
    assert load_document(read_data(with_nulls)).document == load_document(read_data(without)).document
    assert load_document(read_data(with_nulls)).diagnostics == ()


@pytest.mark.parametrize("name", ['say "hi"', "a/b~c", "Größe", "with space", "x" * 200, "`;--", "%s", "\\", "😀"])
def test_names_may_hold_anything(name: str) -> None:
    document = {"headrace": 1, "nodes": {name: {"from": name, "steps": [{"derive": {name: "1"}}, {"drop": name}]}}}
    loaded = load_document(read_data(document))
    assert loaded.diagnostics == ()
    node = loaded.document.nodes[name]
    assert (node.name, node.from_) == (name, name)


def test_every_step_of_the_language_has_a_file_or_is_named_as_later() -> None:
    """A step is its model's file, its key, its example, and a section of docs/documents.md."""
    files = {path.stem.removesuffix("_") for path in (ROOT / "models" / "steps").glob("*.py")}
    assert set(STEPS) == files - {"__init_", "step", "output_column", "sort_key"}
    assert not set(STEPS) & set(LATER_STEPS)
    page = (ROOT / "docs" / "documents.md").read_text("utf-8")
    for key, model in STEPS.items():
        example = _step(model.example)
        assert type(example) is model
        assert example.key == key
        assert f"`{key}`" in page


def test_the_documents_of_the_page_load() -> None:
    blocks = (ROOT / "docs" / "documents.md").read_text("utf-8").split("```yaml\n")[1:]
    assert len(blocks) >= 2
    for block in blocks:
        loaded = load_document(read_yaml(block.split("```")[0]))
        assert [each.message for each in loaded.diagnostics] == []
