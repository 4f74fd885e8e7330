"""The commands, from a folder to tables, as a newcomer and as somebody with mistakes would call them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from headrace.run.embedded import Server

Run = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADRACE_WAREHOUSE", raising=False)
    return tmp_path


@pytest.fixture
def cdnow(here: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "cdnow", here / "cdnow", ignore=shutil.ignore_patterns(".*", "target"))
    return here / "cdnow"


def test_a_new_project_checks_and_compiles(here: Path, run: Run) -> None:
    assert run("init", "my")[0] == 0
    assert run("check", "my")[:2] == (0, "Everything fits.\n")
    status, out, _ = run("compile", "my")
    assert status == 0
    written = {path.name for path in (here / "my" / "target").iterdir()}
    assert written == {"paid.sql", "revenue_by_month.sql", "customers.sql", "program.sql"}
    assert "cd my && psql -v ON_ERROR_STOP=1 -f target/program.sql" in out


def test_a_new_project_with_a_hostile_name_is_fine(here: Path, run: Run) -> None:
    assert run("init", 'my "shop": no')[0] == 0
    assert run("check", 'my "shop": no')[0] == 0


def test_init_changes_nothing_that_is_there(here: Path, run: Run) -> None:
    (here / "my").mkdir()
    (here / "my" / "notes.txt").write_text("mine")
    status, _, err = run("init", "my")
    assert status == 2
    assert "Nothing was changed" in err
    assert [path.name for path in (here / "my").iterdir()] == ["notes.txt"]


def test_the_only_project_below_is_taken(here: Path, run: Run) -> None:
    run("init", "my")
    status, out, err = run("check")
    assert (status, out) == (0, "Everything fits.\n")
    assert "The project is in my." in err


def test_no_project_is_one_diagnostic(here: Path, run: Run) -> None:
    status, out, _ = run("check")
    assert status == 2
    assert "has no headrace.yaml" in out
    assert "1 error" in out


def test_check_as_data(cdnow: Path, run: Run) -> None:
    flow = cdnow / "flows" / "customers.yaml"
    flow.write_text(flow.read_text().replace("filter: revenue > 100", "filter: revenu > 100"))
    status, out, _ = run("check", "cdnow", "--format", "json")
    assert status == 2
    (found,) = json.loads(out)["diagnostics"]
    assert found["code"] == "F100"
    assert found["file"] == "flows/customers.yaml"
    assert "revenu" in found["message"]


def test_compile_prints_one_node(cdnow: Path, run: Run) -> None:
    status, out, _ = run("compile", "cdnow", "--stdout", "customer_info")
    assert status == 0
    assert out.startswith("-- node customer_info")
    assert not (cdnow / "target").exists()
    status, _, err = run("compile", "cdnow", "--stdout", "customer_inf")
    assert status == 2
    assert "Did you mean customer_info?" in err


def test_compile_gives_the_same_bytes_again(cdnow: Path, run: Run) -> None:
    run("compile", "cdnow", "--out", "a")
    run("compile", "cdnow", "--out", "b")
    first = {path.name: path.read_bytes() for path in Path("a").iterdir()}
    assert first == {path.name: path.read_bytes() for path in Path("b").iterdir()}


ONE_FILE = """\
headrace: 1
name: shop
sources:
  sales: {file: sales.csv, columns: {day: date, amount: decimal}}
nodes:
  days: {from: sales, steps: [{aggregate: {by: [day], measures: {net: sum(amount)}}}], materialize: table}
"""


def test_a_project_of_one_file_lives_in_the_folder_of_the_file(here: Path, run: Run, server: Server) -> None:
    (here / "my shop").mkdir()
    (here / "my shop" / "sales.csv").write_text("day,amount\n2024-01-01,2.50\n2024-01-01,3\n")
    (here / "my shop" / "sales.yaml").write_text(ONE_FILE)
    status, out, err = run("compile", "my shop/sales.yaml")
    assert status == 0, err
    assert {path.name for path in (here / "my shop" / "target").iterdir()} == {"days.sql", "program.sql"}
    assert "cd 'my shop' && psql -v ON_ERROR_STOP=1 -f target/program.sql" in out
    status, out, err = run("preview", "days", "my shop/sales.yaml", "--warehouse", server.url, "--format", "csv")
    assert (status, out) == (0, "day,net\n2024-01-01,5.50\n"), err


def test_an_unknown_parameter_is_told(cdnow: Path, run: Run) -> None:
    assert run("compile", "cdnow", "--param", "mont=1998-01-31")[0] == 2
    assert run("compile", "cdnow", "--param", "month")[0] == 2


def test_a_server_that_is_not_there_is_one_diagnostic(cdnow: Path, run: Run) -> None:
    status, _, err = run("run", "cdnow", "--warehouse", "postgresql://127.0.0.1:1/none")
    assert status == 2
    assert "No PostgreSQL server answers at 127.0.0.1, port 1" in err


def test_the_example_has_the_figures_of_another_engine(cdnow: Path, run: Run, server: Server) -> None:
    """Figures of examples/cdnow found with another engine: see the README of the data."""
    status, out, err = run("run", "cdnow", "--warehouse", server.url)
    assert status == 0, err
    assert "cdnow.customer_info" in out
    assert "23,570 rows" in out
    connection = psycopg2.connect(server.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(amount)::text FROM cdnow.sales_enriched")
        assert cursor.fetchone() == (42877, "1870866.75")
        cursor.execute("SELECT count(*) FROM cdnow.customer_info WHERE revenue > 100")
        assert cursor.fetchone() == (6233,)
        cursor.execute("SELECT sum(revenue)::text FROM cdnow.customer_info")
        assert cursor.fetchone() == ("2500315.63",)
        cursor.execute(
            "SELECT active, revenue::text FROM cdnow.active_customers"
            " WHERE month IN ('1997-01-31', '1998-01-31', '1998-06-30') ORDER BY month"
        )
        rows = cursor.fetchall()
        assert [row[0] for row in rows] == [7846, 19125, 8332]
        assert rows[2][1] == "1069356.50"
        cursor.execute("SELECT count(*), count(change), sum(change) FROM cdnow.active_customers")
        assert cursor.fetchone() == (18, 17, 8332 - 7846)
    connection.close()


def test_a_preview_in_every_format(cdnow: Path, run: Run, server: Server) -> None:
    common = ("preview", "sales_enriched", "cdnow", "--warehouse", server.url)
    status, out, err = run(*common, "--rows", "3", "--format", "csv")
    assert status == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 3
    assert all(float(row["revenue"]) > 100 for row in rows)
    status, out, _ = run(*common, "--rows", "2", "--format", "json")
    assert [set(row) >= {"customer_id", "amount"} for row in json.loads(out)] == [True, True]
    status, out, _ = run("preview", "customer_info", "cdnow", "--warehouse", server.url, "--step", "1", "--rows", "1")
    assert status == 0
    assert "the first 1 row" in out


def test_a_preview_of_what_is_not_there(cdnow: Path, run: Run) -> None:
    status, _, err = run("preview", "customer_inf", "cdnow")
    assert status == 2
    assert "Did you mean customer_info?" in err
    assert run("preview", "customer_info", "cdnow", "--step", "9")[0] == 2


def test_a_bad_cell_fails_the_run_and_changes_nothing(here: Path, run: Run, server: Server) -> None:
    run("init", "bad_cells")
    orders = here / "bad_cells" / "data" / "orders.csv"
    assert run("run", "bad_cells", "--warehouse", server.url)[0] == 0
    orders.write_text(orders.read_text().replace("80.50", "eighty"))
    status, _, err = run("run", "bad_cells", "--warehouse", server.url)
    assert status == 1
    assert "eighty" in err
    assert "data/orders.csv:3" in err
    assert run("preview", "customers", "bad_cells", "--warehouse", server.url)[0] == 1
    connection = psycopg2.connect(server.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT revenue::text FROM bad_cells.customers WHERE customer = 'Blaise'")
        assert cursor.fetchone() == ("200.35",)
    connection.close()


def test_add_describes_a_file_and_never_overwrites(here: Path, run: Run) -> None:
    (here / "sales.csv").write_text("day,amount\n03/04/2024,1.50\n")
    status, out, _ = run("add", "sales.csv")
    assert status == 0
    assert "is 03/04/2024 a day or a month first?" in out
    target = here / "sources" / "sales.yaml"
    target.write_text(target.read_text() + "# mine\n")
    assert run("add", "sales.csv")[0] == 2
    assert target.read_text().endswith("# mine\n")


def test_an_added_file_is_a_source_of_the_project(here: Path, run: Run, server: Server) -> None:
    run("init", "my")
    (here / "my" / "data" / "more.csv").write_text("a,b\n1,x\n2,\n")
    assert run("add", "my/data/more.csv", "my")[0] == 0
    status, out, err = run("preview", "more", "my", "--format", "csv", "--warehouse", server.url)
    assert (status, out) == (0, "a,b\n1,x\n2,\n"), err
    assert run("check", "my")[0] == 0


def test_schema_is_json_schema(run: Run) -> None:
    status, out, _ = run("schema")
    assert status == 0
    assert "nodes" in json.loads(out)["properties"]


def test_functions_explain_themselves(here: Path, run: Run) -> None:
    assert "coalesce" in run("functions")[1]
    status, out, _ = run("functions", "ROUND")
    assert status == 0
    assert "round(" in out
    assert "  net  " not in run("functions")[1]
    (here / "headrace.yaml").write_text("headrace: 1\nfunctions:\n  net(x): x / (1 + $vat)\n  bad(x): x + y\n")
    assert run("functions")[1].startswith("own\n  net  x / (1 + $vat)\n")
    assert run("functions", "NET")[:2] == (0, "net(x) → value\n\nx / (1 + $vat)\n")
    assert json.loads(run("functions", "net", "--format", "json")[1])[0]["signatures"][0]["arguments"] == ["x"]
    for word in ("share", "TOTAL", "cast"):
        assert run("functions", word)[1].startswith(f"{word.lower()}(x")
        assert json.loads(run("functions", word, "--format", "json")[1])[0]["name"] == word.lower()
    for name, instead in (("mod", "floor_mod(x, y)"), ("SOMME.SI", "sum(amount where country"), ("vlookup", "lookup")):
        status, _, err = run("functions", name)
        assert status == 2
        assert f"There is no function {name}." in err
        assert instead in " ".join(err.split())
    status, _, err = run("functions", "rond")
    assert status == 2
    assert "Did you mean" in err


def test_as_of_is_the_day_of_previews_and_compilations(here: Path, run: Run) -> None:
    text = (
        "headrace: 1\nsources: {t: {rows: [{a: 1}]}}\n"
        "nodes: {n: {from: t, steps: [{select: [{day: today()}]}], materialize: table}}\n"
    )
    (here / "flows").mkdir()
    (here / "headrace.yaml").write_text("headrace: 1\nname: days\n")
    (here / "flows" / "days.yaml").write_text(text)
    assert run("compile", "--as-of", "2024-01-31")[0] == 0
    assert "PERFORM set_config('headrace.now', CAST((TIMESTAMP '2024-01-31" in (
        (here / "target" / "program.sql").read_text()
    )
    status, _, err = run("compile", "--as-of", "yesterday")
    assert status == 2
    assert "The moment yesterday is not a date or a moment such as 2024-01-31" in err
