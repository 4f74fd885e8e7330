"""The catalog: facts about the tables and files that documents name, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace.catalog.pivots import PivotFacts, Pivots
from headrace.grammar.types import Schema, Type, parse_type

VERSION = 1


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table or view of the warehouse: its columns, its keys, and how many rows it has where that is known."""

    schema: Schema
    keys: tuple[frozenset[str], ...] = ()
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A CSV file: the names in its first line, in order."""

    header: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Tables by qualified name (``shop.orders``), files by the path that the document gives, and what was found for
    pivots by node and step.

    >>> catalog = Catalog.from_json({"headrace": 1, "tables": {"shop.orders": {"columns": {"id": "integer"}}}})
    >>> catalog.tables["shop.orders"].schema.names
    ('id',)
    """

    tables: Mapping[str, TableFacts] = field(default_factory=dict)
    files: Mapping[str, FileFacts] = field(default_factory=dict)
    pivots: Pivots = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Catalog:
        """The catalog that ``to_json`` gave. Raises ValueError, saying what is wrong, for anything else."""
        if not isinstance(data, Mapping):
            raise ValueError("a catalog is a mapping with headrace, tables, files and pivots")
        unknown = set(data) - {"headrace", "tables", "files", "pivots"}
        if unknown:
            raise ValueError(f"a catalog has no key {sorted(unknown)[0]!r}")
        if data.get("headrace", VERSION) != VERSION:
            raise ValueError(f"this Headrace reads catalogs of version {VERSION}, not {data['headrace']!r}")
        tables = {name: _table(name, facts) for name, facts in data.get("tables", {}).items()}
        files = {path: FileFacts(tuple(facts["header"])) for path, facts in data.get("files", {}).items()}
        return cls(tables, files, _pivots(data.get("pivots", {})))

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": VERSION,
            "tables": {name: _table_json(facts) for name, facts in sorted(self.tables.items())},
            "files": {path: {"header": list(facts.header)} for path, facts in sorted(self.files.items())},
            "pivots": {
                node: {step: facts.to_json() for step, facts in sorted(steps.items())}
                for node, steps in sorted(self.pivots.items())
            },
        }


def _pivots(data: Mapping[str, Any]) -> Pivots:
    pivots: dict[str, dict[str, PivotFacts]] = {}
    for node, steps in data.items():
        for step, facts in steps.items():
            try:
                pivots.setdefault(node, {})[step] = PivotFacts.from_json(facts)
            except ValueError as error:
                raise ValueError(f"pivot {step} of {node}: {error}") from None
    return pivots


def _table(name: str, facts: Mapping[str, Any]) -> TableFacts:
    columns: dict[str, Type] = {}
    for column, said in facts["columns"].items():
        text, nullable = (said, True) if isinstance(said, str) else (said["type"], said.get("nullable", True))
        type_ = parse_type(text)
        if type_ is None:
            raise ValueError(f"table {name}: column {column!r} has the unknown type {text!r}")
        columns[column] = type_.with_null(nullable)
    keys = tuple(frozenset(key) for key in facts.get("keys", ()))
    for key in keys:
        for column in key:
            if column not in columns:
                raise ValueError(f"table {name}: the key names the unknown column {column!r}")
    return TableFacts(Schema.of(columns), keys, facts.get("rows"))


def _table_json(facts: TableFacts) -> dict[str, Any]:
    out: dict[str, Any] = {
        "columns": {name: {"type": str(type_), "nullable": type_.nullable} for name, type_ in facts.schema},
        "keys": [sorted(key) for key in facts.keys],
    }
    if facts.rows is not None:
        out["rows"] = facts.rows
    return out
