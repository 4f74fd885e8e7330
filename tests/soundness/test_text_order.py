"""Texts were ordered by the database's collation in sort, limit, max_by and a sweep, though < compares code points.

The cases about it run in a database whose collation is English: there b comes before B, and é before f.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from case_files import case_paths, read_case
from case_runs import run_case, undone
from linguistic import linguistic_connection, skip_without_languages

from headrace.run.embedded import Server


@pytest.fixture(scope="module")
def english(server: Server) -> Iterator[Any]:
    """A connection to a database that sorts as English dictionaries do."""
    with linguistic_connection(server.url) as inside:
        with inside.cursor() as cursor:
            cursor.execute("SELECT 'b' < 'B', 'é' < 'f'")
            if cursor.fetchone() != (True, True):
                skip_without_languages(inside.server_version)
        inside.commit()
        yield inside


@pytest.mark.parametrize(
    "path",
    [path for path in case_paths() if "code_point" in path.stem],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_texts_are_in_the_order_of_code_points(path: Path, english: Any) -> None:
    with undone(english) as cursor:
        run_case(read_case(path), cursor)
