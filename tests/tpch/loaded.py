"""A database that has the tables, and the rows of its queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg2

from benchmarks.tpch.data import Made
from headrace.models.folder import Project
from headrace.program.settings import setting_statements


@dataclass(frozen=True)
class Loaded:
    project: Project
    made: Made
    url: str


def rows_of(url: str, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(setting_statements()))
            cursor.execute(sql)
            return [column.name for column in cursor.description or ()], cursor.fetchall()
    finally:
        connection.close()
