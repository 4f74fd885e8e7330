"""Every example of ``docs/steps`` gives the rows, or the messages, that its page shows. See ``step_pages``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from case_runs import ENGINE, bear_out, build_program, undone
from same_rows import difference
from step_pages import RELATIONS, Example, examples_of, page_paths, read_page

from headrace.bind import bind
from headrace.catalog import Catalog
from headrace.grammar.types import Schema
from headrace.models import load_document, read_data, read_value
from headrace.models.steps import STEPS
from headrace.plan import in_order
from headrace.program.program import Build
from headrace.program.quoting import qualified


@pytest.mark.parametrize("path", [*page_paths(), RELATIONS], ids=lambda path: path.stem)
def test_page(path: Path, connection: Any) -> None:
    for example in read_page(path):
        with undone(connection) as cursor:
            run_example(example, cursor)


def test_every_step_has_a_page_and_every_page_is_about_a_step() -> None:
    assert {path.stem for path in page_paths()} == set(STEPS)


@pytest.mark.parametrize(
    ("change", "passes"),
    [(("", ""), True), (("| 3 |", "| 4 |"), False), (("| 3 |\n", ""), False), (("| b |", "| c |"), False)],
)
def test_an_example_can_fail(change: tuple[str, str], passes: bool, connection: Any) -> None:
    text = "`t`\n\n| a |\n|---|\n| 1 |\n\n```yaml\n- select: [{b: a + 2}]\n```\n\n| b |\n|---|\n| 3 |\n"
    (example,) = examples_of(text.replace(*change), "x")
    with undone(connection) as cursor:
        if passes:
            run_example(example, cursor)
        else:
            with pytest.raises(AssertionError):
                run_example(example, cursor)


def test_a_message_can_fail(connection: Any) -> None:
    text = "`t`\n\n| a |\n|---|\n| 1 |\n\n```yaml\n- drop: [c]\n```\n\n```text\nThere is no column called b.\n```\n"
    (example,) = examples_of(text, "x")
    with undone(connection) as cursor, pytest.raises(AssertionError):
        run_example(example, cursor)


def run_example(example: Example, cursor: Any) -> None:
    """Compiles and runs the example's node as a table. Raises AssertionError with the place and what differs."""
    node = example.document["nodes"][example.node]
    document = {
        **example.document,
        "nodes": {**example.document["nodes"], example.node: {"materialize": "table", **node}},
    }
    result = ENGINE.compile(document)
    told = tuple(each.message for each in result.diagnostics)
    if example.output is None and example.messages is not None and (told or not result.ok):
        assert told == example.messages, f"{example.about}: {told}"
        return
    assert result.ok, f"{example.about}: {told}"
    assert result.program is not None
    try:
        build_program(cursor, result.program)
    except AssertionError as failed:
        message = getattr(getattr(failed.__cause__, "diag", None), "message_primary", None)
        if example.messages is None or message is None:
            raise
        assert tuple(message.split("\n")) == example.messages, f"{example.about}: {message}"
        return
    assert example.messages is None, f"{example.about}: nothing was said"
    if example.output is None:
        return
    schema = result.nodes[example.node].schema
    assert schema is not None
    assert schema.names == tuple(name for name, _ in example.output.columns), f"{example.about}: {schema.names}"
    for name, type_ in example.output.columns:
        assert type_ in (None, str(schema[name])), f"{example.about}: {name} is {schema[name]}"
    build = next(step for step in result.program.steps if isinstance(step, Build) and step.node == example.node)
    relation = (
        bind([load_document(read_data(document)).document], Catalog(), any_function=True)[0].nodes[example.node].plan
    )
    assert relation is not None
    ordered = bool(in_order(relation).order)
    cursor.execute(build.select if ordered else f"SELECT * FROM {qualified(build.target)}")
    rows = list(cursor.fetchall())
    bear_out(relation, rows, example.about)
    differs = difference(_typed(example, schema), rows, schema.names, ordered)
    assert differs is None, f"{example.about}\n{differs}\n{build.sql}"


def _typed(example: Example, schema: Schema) -> list[tuple[Any, ...]]:
    rows = example.output.rows if example.output is not None else ()
    return [tuple(read_value(cell, type_) for cell, (_, type_) in zip(row, schema, strict=True)) for row in rows]
