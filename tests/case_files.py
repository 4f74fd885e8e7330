"""Cases: a document, and the rows that one of its nodes has. ``tests/cases/<step or topic>/<case>.yaml`` holds

- ``about``: what the case is about, in one sentence;
- ``document``: a whole document; ``node``: the node to look at, ``result`` where it is not said;
- ``tables``: tables that are there before, each with ``columns``, ``rows`` and, where it has any, ``keys``;
- ``parameters``, ``row_filters`` and ``as_of``, as the engine takes them;
- ``warnings``: the codes of the warnings that are given, none where it is not said;
- ``expect``: ``columns`` (``name: type`` or ``name: type not null``), ``rows``, ``keys`` where all of them are known,
  ``ordered: true`` where the order of the rows counts, ``placed``: how many tables the compiler places between.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.catalog import Catalog
from headrace.grammar.types import Schema, parse_type
from headrace.models import read_value, read_yaml

FOLDER = Path(__file__).parent / "cases"

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """A table that is there before anything is compiled."""

    name: str
    schema: Schema
    rows: tuple[Row, ...]
    keys: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Case:
    """One case, its values typed by the columns that it expects."""

    name: str
    about: str
    document: Any
    node: str
    tables: tuple[Table, ...]
    parameters: Mapping[str, Any]
    row_filters: Mapping[str, str]
    as_of: str | None
    warnings: tuple[str, ...]
    schema: Schema
    keys: frozenset[frozenset[str]] | None
    rows: tuple[Row, ...]
    ordered: bool
    placed: int | None

    @property
    def catalog(self) -> Catalog:
        return Catalog.from_json(
            {
                "headrace": 1,
                "tables": {
                    table.name: {
                        "columns": {
                            name: {"type": str(type_), "nullable": type_.nullable} for name, type_ in table.schema
                        },
                        "keys": [list(key) for key in table.keys],
                    }
                    for table in self.tables
                },
            }
        )


def case_paths() -> list[Path]:
    return sorted(FOLDER.glob("*/*.yaml"))


def read_case(path: Path) -> Case:
    """The case in a file. Raises ValueError for one that is not whole, or that compares nothing."""
    return case_of(read_yaml(path.read_text("utf-8"), path.name), f"{path.parent.name}/{path.stem}")


def case_of(reading: Any, name: str) -> Case:
    data = reading.data
    if reading.diagnostics or not isinstance(data, dict):
        raise ValueError(f"{name}: {[each.message for each in reading.diagnostics] or 'it is no mapping'}")
    _known(name, data, _KEYS)
    expect = data.get("expect")
    if not data.get("about") or not isinstance(data.get("document"), dict) or not isinstance(expect, dict):
        raise ValueError(f"{name}: a case needs about, document and expect")
    _known(name, expect, _EXPECTED)
    if not isinstance(expect.get("columns"), dict) or not expect["columns"] or not isinstance(expect.get("rows"), list):
        raise ValueError(f"{name}: expect needs columns and rows, or nothing would be compared")
    schema = _schema(expect["columns"])
    keys = expect.get("keys")
    return Case(
        name=name,
        about=data["about"],
        document=data["document"],
        node=data.get("node") or "result",
        tables=tuple(_table(key, value) for key, value in (data.get("tables") or {}).items()),
        parameters=data.get("parameters") or {},
        row_filters=data.get("row_filters") or {},
        as_of=data.get("as_of"),
        warnings=tuple(data.get("warnings") or ()),
        schema=schema,
        keys=None if keys is None else frozenset(frozenset(key) for key in keys),
        rows=_rows(expect["rows"], schema),
        ordered=expect.get("ordered") == "true",
        placed=int(expect.get("placed") or 0),
    )


_KEYS = {"about", "document", "node", "tables", "parameters", "row_filters", "as_of", "warnings", "expect"}
_EXPECTED = {"columns", "rows", "keys", "ordered", "placed"}


def _known(name: str, data: Mapping[str, Any], keys: set[str]) -> None:
    if unknown := sorted(set(data) - keys):
        raise ValueError(f"{name}: no case has {', '.join(unknown)}")


def _schema(columns: Mapping[str, str]) -> Schema:
    types = {}
    for name, text in columns.items():
        type_ = parse_type(text.removesuffix(" not null"))
        if type_ is None:
            raise ValueError(f"{name}: {text} is no type")
        types[name] = type_.with_null(not text.endswith(" not null"))
    return Schema.of(types)


def _rows(rows: list[Any], schema: Schema) -> tuple[Row, ...]:
    made = []
    for row in rows:
        if not isinstance(row, list) or len(row) != len(schema):
            raise ValueError(f"the row {row} has not {len(schema)} values")
        values = []
        for cell, (_, type_) in zip(row, schema.columns, strict=True):
            value = read_value(cell, type_)
            values.append(json.loads(value) if type_.kind == "json" and isinstance(value, str) else value)
        made.append(tuple(values))
    return tuple(made)


def _table(name: str, data: Mapping[str, Any]) -> Table:
    schema = _schema(data["columns"])
    keys = tuple(tuple(key) for key in data.get("keys") or ())
    return Table(name, schema, _rows(data.get("rows") or [], schema), keys)
