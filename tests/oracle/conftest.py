"""Random flows run where texts are ordered by the rules of a language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from linguistic import linguistic_database

from headrace.program.settings import setting_statements
from headrace.run.embedded import Server


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Any]:
    """A connection to a database in which a comes before B, where the server knows languages."""
    with linguistic_database(server.url) as database:
        opened = psycopg2.connect(database)
        with opened.cursor() as cursor:
            cursor.execute("; ".join(setting_statements()))
        opened.commit()
        yield opened
        opened.close()
