"""Sources as leaves of a plan."""

from __future__ import annotations

from typing import Any

from headrace.bind.bound import BoundSource, Stream
from headrace.bind.ranges import series
from headrace.bind.values import literal
from headrace.bind.virtual import own_formulas
from headrace.catalog import Catalog
from headrace.diagnostics import Diagnostic, closest, diagnose
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
    return BoundSource(source, Stream(relation, own_formulas(source, relation.schema, binder.report)))


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

    def declared(self) -> Schema | None:
        columns = self.source.columns
        if columns is None:
            return None
        return Schema(tuple((name, column.column_type) for name, column in columns.items()))

    def keys(self, schema: Schema) -> tuple[Key, ...] | None:
        keys = []
        for index, key in enumerate(self.source.keys):
            for name in key:
                if name not in schema:
                    near = closest(name, schema.names)
                    hints = [f"Did you mean {' or '.join(near)}?"] if near else []
                    self.report("S110", self.source.at("keys", index), found=name, candidates=near, hints=hints)
                    return None
            keys.append(Key(key))
        return tuple(keys)

    def file(self, source: Source, path: str) -> Relation | None:
        schema = self.declared()
        if schema is None:
            self.report(
                "S171",
                source.at("file"),
                found=source.name,
                hints=[f"headrace add {path} writes them for you, from what the file shows."],
            )
            return None
        facts = self.catalog.files.get(path)
        if facts is not None:
            for name in schema.names:
                if name not in facts.header:
                    near = closest(name, facts.header)
                    hints = [f"Did you mean {' or '.join(near)}?"] if near else []
                    self.report("S173", source.at("columns", name), path=path, found=name, hints=hints)
                    return None
        keys = self.keys(schema)
        return None if keys is None else FileScan(source.name, path, _distinct(schema, source, self), keys)

    def table(self, source: Source, table: str) -> Relation | None:
        schema = self.declared()
        known = self.catalog.tables.get(table)
        if known is not None and schema is not None:
            for name in schema.names:
                if name not in known.schema:
                    near = closest(name, known.schema.names)
                    hints = [f"Did you mean {' or '.join(near)}?"] if near else []
                    self.report("S172", source.at("columns", name), table=table, found=name, hints=hints)
                    return None
        if schema is None and known is not None:
            schema = known.schema
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
        schema = self.declared()
        if schema is None or not len(schema):
            self.report("S171", source.at("rows"), found=source.name)
            return None
        keys = self.keys(schema)
        if keys is None or not self.keys_hold(keys):
            return None
        values = tuple(tuple(literal(row.get(name), type_) for name, type_ in schema) for row in source.rows or ())
        return Rows(source.name, schema, values, keys)

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
