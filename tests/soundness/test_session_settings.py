"""No rows depend on the settings of whoever reads them: every case, computed in a session of odd settings.

tobymao/sqlglot#7225: the first day of a week went by the session. ibis-project/ibis#7872, ibis-project/ibis#11965:
moments moved by the zone of the session. A view of ours is read by sessions of others, so a run's own settings do
not help it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from case_files import case_paths, read_case
from case_runs import ENGINE, make_table, undone
from same_rows import difference

from headrace.program.settings import setting_statements
from headrace.run.embedded import Server

_ODD = """
SET LOCAL TimeZone TO 'Pacific/Kiritimati';
SET LOCAL DateStyle TO 'SQL, DMY';
SET LOCAL IntervalStyle TO 'sql_standard';
SET LOCAL timezone_abbreviations TO 'India';
SET LOCAL extra_float_digits TO -10;
SET LOCAL bytea_output TO 'escape';
SET LOCAL array_nulls TO off;
SET LOCAL transform_null_equals TO on;
SET LOCAL search_path TO pg_temp;
"""


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Any]:
    opened = psycopg2.connect(server.url)
    yield opened
    opened.close()


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_odd_settings_change_nothing(path: Path, connection: Any) -> None:
    case = read_case(path)
    shown = ENGINE.preview(
        case.document, case.catalog, case.node, None, 1_000_000, case.parameters, case.row_filters, as_of=case.as_of
    )
    if shown.sql is None:
        # One SELECT cannot hold it, and says so.
        assert case.placed != 0
        assert [each.code for each in shown.diagnostics if each.severity == "error"] == ["P204"]
        return
    with undone(connection) as cursor:
        cursor.execute("; ".join(setting_statements()))
        for table in case.tables:
            make_table(cursor, table)
        cursor.execute(_ODD)
        cursor.execute(f"CREATE TEMP TABLE shown AS {shown.sql}")
        cursor.execute("; ".join(setting_statements()))
        cursor.execute("SELECT * FROM pg_temp.shown")
        told = difference(case.rows, list(cursor.fetchall()), case.schema.names)
        assert told is None, f"{told}\n{shown.sql}"
