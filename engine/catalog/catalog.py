"""The catalog: facts about the tables and files that documents name, as plain data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace.catalog.pivots import PivotFacts, Pivots
from headrace.catalog.statistics import ColumnStatistics, Statistics, column_statistics, number_of
from headrace.grammar.types import Schema, Type, parse_type

VERSION = 1


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table or view of the warehouse: its columns, its keys, and, where that is known, how many rows it has and what
    its columns hold."""

    schema: Schema
    keys: tuple[frozenset[str], ...] = ()
    rows: int | None = None
    columns: Mapping[str, ColumnStatistics] = field(default_factory=dict)

    @property
    def statistics(self) -> Statistics:
        return Statistics(self.rows, self.columns)


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
            raise ValueError(f"a catalog has no key {sorted(unknown, key=str)[0]!r}")
        if data.get("headrace", VERSION) != VERSION:
            raise ValueError(f"this Headrace reads catalogs of version {VERSION}, not {data['headrace']!r}")
        tables = {}
        for name, facts in _mapping(data.get("tables", {}), "tables").items():
            try:
                tables[name] = _table(facts)
            except ValueError as error:
                raise ValueError(f"table {name}: {error}") from None
        files = {path: _file(path, facts) for path, facts in _mapping(data.get("files", {}), "files").items()}
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


def _pivots(data: Any) -> Pivots:
    pivots: dict[str, dict[str, PivotFacts]] = {}
    for node, steps in _mapping(data, "pivots").items():
        for step, facts in _mapping(steps, f"pivots of {node}").items():
            try:
                pivots.setdefault(node, {})[step] = PivotFacts.from_json(facts)
            except ValueError as error:
                raise ValueError(f"pivot {step} of {node}: {error}") from None
    return pivots


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is {value!r}, and should be a mapping")
    return value


def _file(path: str, facts: Any) -> FileFacts:
    header = facts.get("header") if isinstance(facts, Mapping) else None
    if not isinstance(header, list | tuple) or not all(isinstance(name, str) for name in header):
        raise ValueError(f"file {path}: header is {header!r}, and should be a list of names")
    return FileFacts(tuple(header))


_OF_A_TABLE = {"columns", "keys", "rows"}
_OF_A_COLUMN = {"type", "nullable", "distinct", "nulls", "width", "least", "greatest"}


def _table(facts: Any) -> TableFacts:
    unknown = sorted(set(_mapping(facts, "it")) - _OF_A_TABLE, key=str)
    if unknown:
        raise ValueError(f"a table has no key {unknown[0]!r}")
    if "columns" not in facts:
        raise ValueError("columns is missing")
    columns: dict[str, Type] = {}
    known: dict[str, ColumnStatistics] = {}
    for column, said in _mapping(facts["columns"], "columns").items():
        try:
            columns[column], known[column] = _column(said)
        except ValueError as error:
            raise ValueError(f"column {column!r} {error}") from None
    rows = facts.get("rows")
    if rows is not None and number_of(rows, "rows") != int(rows):
        raise ValueError(f"rows is {rows!r}, and should be a whole number")
    measured = {name: each for name, each in known.items() if each != ColumnStatistics()}
    return TableFacts(Schema.of(columns), _keys(facts.get("keys", ()), columns), rows and int(rows), measured)


def _column(said: Any) -> tuple[Type, ColumnStatistics]:
    facts = {"type": said} if isinstance(said, str) else said
    if not isinstance(facts, Mapping) or not isinstance(facts.get("type"), str):
        raise ValueError("has no type")
    unknown = sorted(set(facts) - _OF_A_COLUMN, key=str)
    if unknown:
        raise ValueError(f"has the unknown key {unknown[0]!r}")
    type_ = parse_type(facts["type"])
    if type_ is None:
        raise ValueError(f"has the unknown type {facts['type']!r}")
    nullable = facts.get("nullable", True)
    if not isinstance(nullable, bool):
        raise ValueError(f"is nullable: {nullable!r}, and should be so or not: true or false")
    try:
        return type_.with_null(nullable), column_statistics(facts, type_)
    except ValueError as error:
        raise ValueError(f"is wrong: {error}") from None


def _keys(said: Any, columns: Collection[str]) -> tuple[frozenset[str], ...]:
    if not isinstance(said, list | tuple) or not all(isinstance(key, list | tuple) for key in said):
        raise ValueError(f"keys is {said!r}, and should be a list of lists of columns")
    for key in said:
        for column in key:
            if column not in columns:
                raise ValueError(f"the key names the unknown column {column!r}")
    return tuple(frozenset(key) for key in said)


def _table_json(facts: TableFacts) -> dict[str, Any]:
    out: dict[str, Any] = {
        "columns": {
            name: {
                "type": str(type_),
                "nullable": type_.nullable,
                **facts.columns.get(name, ColumnStatistics()).to_json(),
            }
            for name, type_ in facts.schema
        },
        "keys": [sorted(key) for key in facts.keys],
    }
    if facts.rows is not None:
        out["rows"] = facts.rows
    return out
