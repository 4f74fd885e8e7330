"""Every recipe of ``docs/cookbook`` runs, on both servers, and gives the rows of its page and of SQL written apart.

``<recipe>.sql`` beside this file holds a query for each table that the recipe's page shows, under a comment with its
name. It reads the CSV files as tables of texts, and does its work in another way where there is one.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from same_rows import difference

import headrace
from headrace.cli.application import main
from headrace.run import run_program
from headrace.run.embedded import Server
from headrace.run.warehouse import open_warehouse

ROOT = Path(__file__).resolve().parent.parent.parent
COOKBOOK = ROOT / "docs" / "cookbook"
RECIPES = sorted(path.parent for path in COOKBOOK.glob("*/headrace.yaml"))
PAGES = [pytest.param(recipe, id=recipe.name) for recipe in RECIPES]

Rows = list[tuple[Any, ...]]

_TABLE = re.compile(r"^`(\w+)`\n\n(\|.*\|)\n\|[-| ]+\|\n((?:\|.*\|\n)+)", re.MULTILINE)


def _page(recipe: Path) -> str:
    return (recipe / "README.md").read_text("utf-8")


def _shown_tables(recipe: Path) -> dict[str, tuple[list[str], list[list[str]]]]:
    """The tables of a page: under the name of a node, its columns and its cells."""
    tables = {}
    for name, head, body in _TABLE.findall(_page(recipe)):
        rows = [_cells(line) for line in body.splitlines()]
        tables[name] = (_cells(head), rows)
    return tables


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _queries(recipe: Path) -> dict[str, str]:
    text = (Path(__file__).parent / f"{recipe.name}.sql").read_text("utf-8")
    parts = re.split(r"^-- (\w+)(?::.*)?\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture
def cursor(server: Server) -> Iterator[Any]:
    connection = psycopg2.connect(server.url)
    with connection.cursor() as opened:
        yield opened
    connection.close()


def _read_texts(recipe: Path, cursor: Any) -> None:
    """The CSV files as temporary tables of texts, empty cells null."""
    for path in sorted((recipe / "data").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        columns = ", ".join(f'"{name}" text' for name in head)
        cursor.execute(f'CREATE TEMP TABLE "{path.stem}" ({columns})')
        for row in rows:
            cursor.execute(
                f'INSERT INTO "{path.stem}" VALUES ({", ".join(["%s"] * len(row))})', [cell or None for cell in row]
            )


def _plain(rows: Rows) -> Rows:
    """Numbers compared as numbers: 1.00 and 1 are one."""
    return [tuple(Decimal(v) if isinstance(v, int) else v for v in row) for row in rows]


def _written(value: Any) -> str:
    return "" if value is None else str(value)


@pytest.mark.parametrize("recipe", PAGES)
def test_a_recipe_gives_what_its_page_and_other_sql_say(recipe: Path, server: Server, cursor: Any) -> None:
    project = headrace.open(recipe)
    compiled = project.compile()
    assert not compiled.diagnostics
    assert compiled.program is not None
    with open_warehouse(server.url, None) as warehouse:
        result = run_program(compiled.program, warehouse, recipe)
    assert not result.diagnostics
    shown, queries = _shown_tables(recipe), _queries(recipe)
    assert list(shown) == list(queries) == [build.node for build in compiled.program.builds]
    _read_texts(recipe, cursor)
    for build in compiled.program.builds:
        schema = compiled.nodes[build.node].schema
        assert schema is not None
        columns, cells = shown[build.node]
        assert columns == list(schema.names)
        cursor.execute(f'SELECT * FROM "{build.target.schema}"."{build.target.name}"')
        found = cursor.fetchall()
        cursor.execute(queries[build.node])
        told = difference(_plain(cursor.fetchall()), _plain(found), columns, ordered=True)
        assert told is None, f"{build.node}\n{told}"
        assert [[_written(value) for value in row] for row in found] == cells, build.node


@pytest.mark.parametrize("recipe", PAGES)
def test_the_tests_of_a_recipe_pass(recipe: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["test", str(recipe), "--warehouse", server.url])
    told = capsys.readouterr().out
    assert end.value.code == 0, told
    assert told.count("  passed  ") >= 2


@pytest.mark.parametrize("recipe", PAGES)
def test_a_page_shows_its_flow(recipe: Path) -> None:
    (flow,) = (recipe / "flows").glob("*.yaml")
    assert f"```yaml\n{flow.read_text('utf-8')}```" in _page(recipe)


@pytest.mark.parametrize("recipe", PAGES)
def test_a_flow_is_formatted_and_named_on_the_first_page(recipe: Path) -> None:
    assert f"({recipe.name}/README.md)" in (COOKBOOK / "README.md").read_text("utf-8")


def test_there_are_recipes() -> None:
    assert len(RECIPES) >= 7


@pytest.mark.parametrize(
    ("recipe", "file", "line", "said"),
    [
        ("prices-as-of-a-date", "prices.csv", "coffee,2024-02-10,2024-03-01,9.50", None),
        ("stock-balance", "movements.csv", "9,tea,2024-01-03,-51", "“no negative stock” does not hold of daily_stock"),
        ("sales-against-budget", "sales.csv", "9,2024-03-06,hats,5.00", "products has every product"),
    ],
)
def test_bad_data_is_refused(
    recipe: str, file: str, line: str, said: str | None, server: Server, cursor: Any, tmp_path: Path
) -> None:
    """The run stops with the words of the page, and no table is made."""
    folder = tmp_path / recipe
    shutil.copytree(COOKBOOK / recipe, folder)
    (folder / "headrace.yaml").write_text("headrace: 1\nname: refused\n")
    with (folder / "data" / file).open("a", encoding="utf-8") as data:
        data.write(line + "\n")
    program = headrace.open(folder).compile().program
    assert program is not None
    with open_warehouse(server.url, None) as warehouse:
        result = run_program(program, warehouse, folder)
    assert not result.ok
    words = [each.message for each in result.diagnostics]
    if said is None:
        (shown,) = re.findall(r"```text\n(.*?)\n```", _page(folder), re.DOTALL)
        assert words == shown.split("\n")
    else:
        assert said in words[0]
    cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'refused'")
    assert cursor.fetchone() == (0,)
