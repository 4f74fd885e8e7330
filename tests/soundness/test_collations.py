"""A sort, a limit and a dedupe went by the collation of the database or column, and not by code point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from linguistic import skip_without_languages

from headrace import Engine
from headrace.run.embedded import Server

_CATALOG = {"headrace": 1, "tables": {"public.words": {"columns": {"word": "text"}, "keys": [["word"]]}}}


@pytest.fixture
def cursor(server: Server) -> Iterator[Any]:
    connection = psycopg2.connect(server.url)
    with connection.cursor() as opened:
        opened.execute("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'")
        if opened.fetchone() is None:
            skip_without_languages(connection.server_version)
        opened.execute('CREATE TABLE public.words (word text COLLATE "und-x-icu")')
        opened.execute("INSERT INTO public.words VALUES ('a'), ('B'), ('_'), ('Z'), ('b')")
        yield opened
    connection.rollback()
    connection.close()


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([{"sort": "word"}], "B Z _ a b"),
        ([{"distinct": "all"}, {"sort": "word desc"}], "b a _ Z B"),
        ([{"sort": "word"}, {"rename": {"w": "word"}}], "B Z _ a b"),
        ([{"limit": {"rows": 2, "order": "word"}}], "B Z"),
        ([{"aggregate": {"by": ["word"]}}, {"limit": {"rows": 2, "order": "word"}}], "B Z"),
        ([{"limit": {"rows": 1, "per": "g", "order": "word"}}, {"sort": "word"}], "B _"),
        ([{"dedupe": {"by": "g", "order": "word"}}, {"select": ["word"]}, {"sort": "word"}], "B _"),
    ],
)
def test_texts_go_by_code_point(steps: list[dict[str, Any]], words: str, cursor: Any) -> None:
    grouped = [{"derive": {"g": 'upper(word) = word and word <> "_"'}}, *steps]
    document = {
        "headrace": 1,
        "sources": {"w": {"table": "public.words"}},
        "nodes": {"n": {"from": "w", "steps": grouped if "g" in str(steps) else steps}},
    }
    shown = Engine().preview(document, _CATALOG, "n")
    assert shown.sql is not None
    cursor.execute(shown.sql)
    assert [row[0] for row in cursor.fetchall()] == words.split()
