"""Texts were put in the order of the database's collation by sort, limit and max_by, though < compares code points.

The cases about it run in a database whose collation is English: there b comes before B, and é before f.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from case_files import case_paths, read_case
from case_runs import run_case, undone

from headrace.program.settings import setting_statements
from headrace.run.embedded import Server

_NAME = "headrace_english"


@pytest.fixture(scope="module")
def english(server: Server) -> Iterator[Any]:
    """A connection to a database that sorts as English dictionaries do."""
    outside = psycopg2.connect(server.url)
    outside.autocommit = True
    with outside.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)")
        try:
            cursor.execute(f"CREATE DATABASE {_NAME} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
        except psycopg2.errors.FeatureNotSupported:
            pytest.skip("the server is built without the collations of languages")
    inside = psycopg2.connect(server.url.rpartition("/")[0] + f"/{_NAME}")
    with inside.cursor() as cursor:
        cursor.execute("; ".join(setting_statements()))
        cursor.execute("SELECT 'b' < 'B', 'é' < 'f'")
        assert cursor.fetchone() == (True, True)
    inside.commit()
    yield inside
    inside.close()
    with outside.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {_NAME} WITH (FORCE)")
    outside.close()


@pytest.mark.parametrize(
    "path",
    [path for path in case_paths() if "code_point" in path.stem],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_texts_are_in_the_order_of_code_points(path: Path, english: Any) -> None:
    with undone(english) as cursor:
        run_case(read_case(path), cursor)
