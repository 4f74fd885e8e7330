"""Sources as leaves of a plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from headrace.bind.bound import BoundSource, Stream
from headrace.bind.patterns import fitting, has_wildcard, unescaped
from headrace.bind.ranges import series
from headrace.bind.values import literal
from headrace.bind.virtual import own_formulas
from headrace.catalog import Catalog, ColumnStatistics, Statistics
from headrace.diagnostics import Diagnostic, diagnose, meant, there_are
from headrace.grammar.types import Schema
from headrace.models import Source
from headrace.plan import FileScan, Key, Relation, Rows, TableScan
from headrace.plan.names import physical_name


def bind_source(source: Source, catalog: Catalog, reported: list[Diagnostic]) -> BoundSource:
    """The source with its leaf, or without one after reporting why."""
    binder = _Binder(source, catalog, reported)
    relation = binder.relation()
    if relation is None:
        return BoundSource(source, None)
    formulas = own_formulas(source, relation.schema, binder.report)
    return BoundSource(source, Stream(relation, formulas), binder.statistics(relation.schema))


class _Binder:
    def __init__(self, source: Source, catalog: Catalog, reported: list[Diagnostic]) -> None:
        self.source = source
        self.catalog = catalog
        self.reported = reported

    def report(self, code: str, pointer: str, **params: Any) -> None:
        self.reported.append(diagnose(code, pointer=pointer, **params))

    def relation(self) -> Relation | None:
        source = self.source
        if source.broken:
            return None
        if source.connection is not None:
            return None  # Of a later version, which has been reported when the document was read.
        if source.rows is not None:
            return self.rows(source)
        if source.series is not None:
            return self.series(source)
        if source.table is not None:
            return self.table(source, source.table)
        return self.file(source, source.file or "")

    def declared(self, known: Collection[str] | None) -> dict[str, str] | None:
        """The columns that the source declares, each with the entry that does, which may be a pattern.

        ``known`` are the columns that the file or table has, None where nobody has looked. None after reporting.
        """
        written = self.source.columns or {}
        found: dict[str, str] = {}
        names = {entry for entry in written if known is not None and entry in known}
        for entry in written:
            pointer = self.source.at("columns", entry)
            if entry in names or not has_wildcard(entry):
                found[entry if entry in names else unescaped(entry)] = entry
                continue
            if known is None:
                hint = "Write \\* or \\? where the character itself is meant."
                self.report("S174", pointer, found=entry, name=self.source.name, hints=[hint])
                return None
            fits = [name for name in fitting(entry, list(known)) if name not in names and name not in written]
            if not fits:
                self.report("S114", pointer, found=entry, hints=there_are(known))
                return None
            for name in fits:
                found.setdefault(name, entry)
        return found

    def schema(self, entries: Mapping[str, str]) -> Schema:
        columns = self.source.columns or {}
        return Schema(tuple((name, columns[entry].column_type) for name, entry in entries.items()))

    def keys(self, schema: Schema) -> tuple[Key, ...] | None:
        keys = []
        for index, key in enumerate(self.source.keys):
            for name in key:
                if name not in schema:
                    near, hints = meant(name, schema.names)
                    self.report("S110", self.source.at("keys", index), found=name, candidates=near, hints=hints)
                    return None
            keys.append(Key(key))
        return tuple(keys)

    def file(self, source: Source, path: str) -> Relation | None:
        if source.columns is None:
            self.report(
                "S171",
                source.at("file"),
                found=source.name,
                hints=[f"headrace add {path} writes them for you, from what the file shows."],
            )
            return None
        facts = self.catalog.files.get(path)
        entries = self.declared(None if facts is None else facts.header)
        if entries is None:
            return None
        if facts is not None:
            for name, entry in entries.items():
                if name not in facts.header:
                    _, hints = meant(name, facts.header)
                    self.report("S173", source.at("columns", entry), path=path, found=name, hints=hints)
                    return None
        schema = self.schema(entries)
        keys = self.keys(schema)
        return None if keys is None else FileScan(source.name, path, _distinct(schema, source, self), keys)

    def table(self, source: Source, table: str) -> Relation | None:
        known = self.catalog.tables.get(table)
        schema = None if known is None else known.schema
        if source.columns is not None:
            entries = self.declared(None if known is None else known.schema.names)
            if entries is None:
                return None
            for name, entry in entries.items():
                if known is not None and name not in known.schema:
                    _, hints = meant(name, known.schema.names)
                    self.report("S172", source.at("columns", entry), table=table, found=name, hints=hints)
                    return None
            schema = self.schema(entries)
        if schema is None:
            self.report("S171", source.at("table"), found=source.name)
            return None
        keys = self.keys(schema)
        if keys is None:
            return None
        if known is not None:
            keys += tuple(key for key in known.keys if all(name in schema for name in key))
        return TableScan(source.name, table, schema, keys)

    def rows(self, source: Source) -> Relation | None:
        columns = source.columns or {}
        schema = Schema(tuple((name, column.column_type) for name, column in columns.items()))
        if not len(schema):
            self.report("S171", source.at("rows"), found=source.name)
            return None
        keys = self.keys(schema)
        if keys is None or not self.keys_hold(keys):
            return None
        values = tuple(tuple(literal(row.get(name), type_) for name, type_ in schema) for row in source.rows or ())
        return Rows(source.name, schema, values, keys)

    def statistics(self, schema: Schema) -> Statistics:
        """What is known of the source's size: what it says itself, else what the catalog does."""
        facts = None if self.source.table is None else self.catalog.tables.get(self.source.table)
        known = Statistics() if facts is None else facts.statistics
        said = self.source.statistics
        if said is None:
            return known
        columns: dict[str, ColumnStatistics] = {}
        for kind, numbers in (("distinct", said.distinct), ("nulls", said.nulls)):
            for name, number in numbers.items():
                if name in schema:
                    columns[name] = replace(columns.get(name, ColumnStatistics()), **{kind: float(number)})
                    continue
                near, hints = meant(name, schema.names)
                pointer = self.source.at("statistics", kind, name)
                self.report("S110", pointer, found=name, candidates=near, hints=hints)
        return known.but(Statistics(said.rows, columns))

    def keys_hold(self, keys: tuple[Key, ...]) -> bool:
        """Whether the rows written in the document keep the keys that it declares."""
        for key in keys:
            seen: dict[tuple[object, ...], int] = {}
            for number, row in enumerate(self.source.rows or (), 1):
                first = seen.setdefault(tuple(row[name] for name in sorted(key)), number)
                if first != number:
                    columns = ", ".join(sorted(key))
                    self.report("S105", self.source.at("rows", number - 1), columns=columns, first=first, second=number)
                    return False
        return True

    def series(self, source: Source) -> Relation | None:
        ranges = source.series or {}
        keys = self.keys(Schema(tuple((name, range_.type) for name, range_ in ranges.items())))
        return None if keys is None else series(source.name, ranges)


def _distinct(schema: Schema, source: Source, binder: _Binder) -> Schema:
    seen: dict[str, str] = {}
    for name in schema.names:
        first = seen.setdefault(physical_name(name), name)
        if first != name:
            binder.report("S112", source.at("columns", name), first=first, second=name)
    return schema
