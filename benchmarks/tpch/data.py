"""The tables of TPC-H in PostgreSQL, with the queries and answers that belong to them.

DuckDB's extension ``tpch`` (installed with the extra ``dev``) generates the rows, and knows the official queries and,
for some scales, their answers. Nothing is downloaded.

>>> made = make(0.01, "postgresql://postgres@127.0.0.1/postgres")       # doctest: +SKIP
>>> made.catalog.tables["tpch.region"].rows                             # doctest: +SKIP
5
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_tpch
import psycopg2
from psycopg2.extensions import connection as Connection

from headrace.catalog import Catalog
from headrace.models.folder import Project, read_project
from headrace.run.catalog import read_catalog
from headrace.run.warehouse import open_warehouse

SCHEMA = "tpch"

KEYS: dict[str, tuple[str, ...]] = {
    "region": ("r_regionkey",),
    "nation": ("n_nationkey",),
    "supplier": ("s_suppkey",),
    "customer": ("c_custkey",),
    "part": ("p_partkey",),
    "partsupp": ("ps_partkey", "ps_suppkey"),
    "orders": ("o_orderkey",),
    "lineitem": ("l_orderkey", "l_linenumber"),
}
"""The primary key of each table."""

REFERENCES: dict[tuple[str, tuple[str, ...]], str] = {
    ("nation", ("n_regionkey",)): "region",
    ("supplier", ("s_nationkey",)): "nation",
    ("customer", ("c_nationkey",)): "nation",
    ("partsupp", ("ps_suppkey",)): "supplier",
    ("orders", ("o_custkey",)): "customer",
    ("lineitem", ("l_orderkey",)): "orders",
    ("lineitem", ("l_partkey", "l_suppkey")): "partsupp",
    ("lineitem", ("l_suppkey",)): "supplier",
}
"""The foreign keys, and the tables that they lead to. ``ps_partkey`` leads the key of its own table."""


@dataclass(frozen=True)
class Answer:
    """What comes out of a query: rows in its order, as texts; None is null. ``rounded`` are the columns whose values
    DuckDB computed as floats."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    rounded: frozenset[str]
    ordered: bool


@dataclass(frozen=True)
class Made:
    """What ``make`` has made: the catalog of its tables, and by number the queries and the answers at this scale
    (none where DuckDB knows none)."""

    catalog: Catalog
    queries: dict[int, str]
    answers: dict[int, Answer]


def project() -> Project:
    """The documents of this folder: the sources and the 22 flows."""
    return read_project(Path(__file__).parent)


def node_of(number: int) -> str:
    """The name of the node that answers a query: that of its flow."""
    (path,) = (Path(__file__).parent / "flows").glob(f"q{number:02}_*.yaml")
    return path.stem.partition("_")[2]


def make(scale: float, url: str, *, indexes: bool = False) -> Made:
    """Puts the tables of ``scale`` (1 is a gigabyte) into the schema ``tpch`` of the database, which is dropped first.

    With ``indexes`` the primary keys are constraints, and every foreign key has an index.
    """
    with _generated(scale) as duck, tempfile.TemporaryDirectory() as folder:
        connection = psycopg2.connect(url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
            for table in KEYS:
                _copy(duck, connection, table, Path(folder), indexes)
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        finally:
            connection.close()
        queries = {number: text.strip().rstrip(";") for number, text in duck.execute("FROM tpch_queries()").fetchall()}
        return Made(_catalog(url), queries, _answers(duck, scale, queries))


@contextmanager
def _generated(scale: float) -> Iterator[duckdb.DuckDBPyConnection]:
    extension = (
        Path(duckdb_extension_tpch.__file__).parent / "extensions" / f"v{duckdb.__version__}" / "tpch.duckdb_extension"
    )
    with duckdb.connect() as duck:
        duck.execute(f"LOAD '{extension}'")
        duck.execute(f"CALL dbgen(sf={scale})")
        yield duck


def _columns(duck: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    found = duck.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position",
        [table],
    )
    return found.fetchall()


def _copy(duck: duckdb.DuckDBPyConnection, connection: Connection, table: str, folder: Path, indexes: bool) -> None:
    columns = ", ".join(
        f"{name} {'text' if kind == 'VARCHAR' else kind} NOT NULL" for name, kind in _columns(duck, table)
    )
    path = folder / f"{table}.csv"
    duck.execute(f"COPY {table} TO '{path}' (FORMAT csv, HEADER false)")
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {SCHEMA}.{table} ({columns})")
        with path.open(encoding="utf-8") as rows:
            cursor.copy_expert(f"COPY {SCHEMA}.{table} FROM STDIN (FORMAT csv)", rows)
        if indexes:
            cursor.execute(f"ALTER TABLE {SCHEMA}.{table} ADD PRIMARY KEY ({', '.join(KEYS[table])})")
            for (owner, names), _ in REFERENCES.items():
                if owner == table:
                    cursor.execute(f"CREATE INDEX ON {SCHEMA}.{table} ({', '.join(names)})")
    path.unlink()


def _catalog(url: str) -> Catalog:
    """What ``headrace catalog`` finds out, statistics too; and the keys, which without indexes the database does not
    know of."""
    with tempfile.TemporaryDirectory() as folder, open_warehouse(url, Path(folder)) as warehouse:
        found, problems = read_catalog(warehouse, (), [SCHEMA])
    if problems:
        raise SystemExit("\n".join(each.message for each in problems))
    written = found.to_json()
    for table, key in KEYS.items():
        written["tables"][f"{SCHEMA}.{table}"]["keys"] = [list(key)]
    return Catalog.from_json(written)


def _answers(duck: duckdb.DuckDBPyConnection, scale: float, queries: dict[int, str]) -> dict[int, Answer]:
    found = duck.execute("SELECT query_nr, answer FROM tpch_answers() WHERE scale_factor = ?", [scale]).fetchall()
    return {number: _answer(duck, text, queries[number]) for number, text in found}


def _answer(duck: duckdb.DuckDBPyConnection, text: str, query: str) -> Answer:
    head, *lines = text.removesuffix("\n").split("\n")
    rows = tuple(tuple(cell or None for cell in line.split("|")) for line in lines)
    described: list[tuple[Any, ...]] = duck.execute(f"DESCRIBE {query}").fetchall()
    columns = tuple(head.split("|"))
    kinds = [row[1] for row in described]
    rounded = frozenset(name for name, kind in zip(columns, kinds, strict=True) if kind == "DOUBLE")
    return Answer(columns, rows, rounded, "ORDER BY" in query)
