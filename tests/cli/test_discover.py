"""``headrace discover``: values of pivots from the database to headrace.lock, and what a run does with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from headrace import Engine
from headrace import open as open_project
from headrace.catalog import Catalog, PivotFacts
from headrace.catalog.lock import lock_text, read_lock
from headrace.grammar.types import Schema, Type
from headrace.run.embedded import Server

Run = Callable[..., tuple[int, str, str]]

_PROJECT = """\
headrace: 1
name: shop
parameters: {until: {type: date, default: 2024-01-31}}
sources:
  sales:
    file: sales.csv
    columns: {country: text, month: date, amount: integer}
nodes:
  by_month:
    from: sales
    steps:
      - pivot: {by: country, columns: month, values: {n: sum(amount)}, unseen: other}
        name: months
      - unpivot: {columns: "n_*", name: what, value: n}
      - pivot: {columns: what, values: {n: sum(n)}}
        name: all
    materialize: table
  template:
    from: sales
    steps:
      - filter: month <= $until
      - pivot: {columns: country, values: {n: sum(amount)}}
        name: countries
  twice: {for_each: {until: [2024-01-31, 2024-02-29]}, from: template, materialize: table}
"""
_SALES = "country,month,amount\nFR,2024-01-01,10\nFR,2024-02-01,20\nDE,2024-01-01,5\n,2024-02-01,1\n"
_LOCK = """\
# Written by `headrace discover`; commit it. These are the values that pivots make columns of: to see those of today,
# run `headrace discover` again.
headrace: 1
pivots:
  by_month:
    all:
      columns: {what: "text"}
      values:
        - "n_2024-01-01"
        - "n_2024-02-01"
        - "n_other"
    months:
      columns: {month: "date"}
      values:
        - "2024-01-01"
        - "2024-02-01"
  template:
    countries:
      columns: {country: "text"}
      values:
        - "DE"
        - "FR"
        - null
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "headrace.yaml").write_text(_PROJECT)
    (tmp_path / "shop" / "sales.csv").write_text(_SALES)
    return tmp_path / "shop"


def test_values_are_found_kept_and_used(shop: Path, run: Run, server: Server) -> None:
    """Also those behind a pivot whose values are found first, and those of an expansion's other values."""
    assert run("check", "shop")[0] == 2
    status, out, err = run("discover", "shop", "--warehouse", server.url)
    assert status == 0, err
    assert (shop / "headrace.lock").read_text() == _LOCK
    assert "template.countries: 3 values of country" in out + err
    assert run("check", "shop")[0] == 0
    assert run("run", "shop", "--warehouse", server.url)[0] == 0
    status, out, _ = run("preview", "twice", "shop", "--format", "csv", "--warehouse", server.url)
    assert out.replace("\r", "") == "until,n_DE,n_FR,n_null\n2024-01-31,5,10,\n2024-02-29,5,30,1\n"


def test_a_difference_is_told_and_new_values_stop_a_run(shop: Path, run: Run, server: Server) -> None:
    (shop / "headrace.lock").write_text(_LOCK)
    with (shop / "sales.csv").open("a") as file:
        file.write("IT,2024-02-05,1\n")
    status, out, err = run("run", "shop", "--warehouse", server.url)
    assert status == 1
    assert "The pivot countries" in out + err
    assert "there is a column for every value of country" in out + err
    assert "For example: until 2024-02-29, country IT" in out + err
    status, out, err = run("discover", "shop", "--warehouse", server.url)
    assert status == 0
    assert "    + IT\n" in out + err
    assert (shop / "headrace.lock").read_text() == _LOCK.replace(
        '        - "FR"\n', '        - "FR"\n        - "IT"\n'
    ).replace('        - "2024-02-01"\n', '        - "2024-02-01"\n        - "2024-02-05"\n').replace(
        '        - "n_other"', '        - "n_2024-02-05"\n        - "n_other"'
    )


def test_a_run_can_find_the_values_first(shop: Path, run: Run, server: Server) -> None:
    status, out, err = run("run", "shop", "--discover", "--warehouse", server.url)
    assert status == 0, err
    assert (shop / "headrace.lock").read_text() == _LOCK
    with (shop / "sales.csv").open("a") as file:
        file.write("IT,2024-02-01,1\n")
    status, out, err = run("run", "shop", "--discover", "--format", "json", "--warehouse", server.url)
    assert status == 0, err
    assert json.loads(out)["state"] == "succeeded"
    assert '"IT"' in (shop / "headrace.lock").read_text()


def test_what_is_known_stays_where_the_project_has_mistakes(shop: Path, run: Run, server: Server) -> None:
    """A pivot that cannot be reached keeps its values; without mistakes, one that is gone loses them."""
    (shop / "headrace.lock").write_text(_LOCK)
    document = shop / "headrace.yaml"
    document.write_text(_PROJECT.replace("- filter: month <= $until", "- filter: mnth <= $until"))
    assert run("discover", "shop", "--warehouse", server.url)[0] == 2
    assert (shop / "headrace.lock").read_text() == _LOCK
    document.write_text(_PROJECT.split("  template:")[0])
    assert run("discover", "shop", "--warehouse", server.url)[0] == 0
    assert (shop / "headrace.lock").read_text() == _LOCK.split("  template:")[0]


def test_more_values_than_columns_are_refused(shop: Path, run: Run, server: Server) -> None:
    with (shop / "sales.csv").open("a") as file:
        file.writelines(f"c{number},2024-01-01,1\n" for number in range(1601))
    status, out, err = run("discover", "shop", "--warehouse", server.url)
    assert status == 1
    assert "has more than 1600 values of country" in out + err
    assert not (shop / "headrace.lock").exists()


def test_a_project_without_such_pivots(shop: Path, run: Run) -> None:
    (shop / "headrace.yaml").write_text("headrace: 1\nnodes: {}\n")
    status, out, err = run("discover", "shop")
    assert (status, "There is no pivot whose values are to be found." in out + err) == (0, True)


@pytest.mark.parametrize(
    "text", ["<<<<<<< ours\n", "headrace: 2\n", "pivots: [", "headrace: 1\npivots: {a: {b: {}}}\n"]
)
def test_a_lock_that_cannot_be_read(shop: Path, run: Run, text: str) -> None:
    (shop / "headrace.lock").write_text(text)
    assert "P210" in [each.code for each in open_project(shop).check().diagnostics]
    status, out, _ = run("check", "shop")
    assert status == 2
    assert "headrace.lock cannot be read" in out
    assert "Run headrace discover to write it anew." in out


def test_a_lock_is_read_as_it_was_written() -> None:
    columns = Schema.of({"on": Type("text"), "a: b": Type("decimal", 5, 2), "t": Type("timestamptz")})
    rows = [
        ("null", "1.50", None),
        (None, "-2", "2024-01-31 12:00:00+00"),
        ('"#\n', None, None),
        ("null", "1.50", None),
    ]
    facts = PivotFacts.of(columns, rows)
    assert len(facts.values) == 3
    pivots = {"yes": {"x y": facts}, "none": {}}
    text = lock_text(pivots)
    assert read_lock(text) == ({"yes": {"x y": facts}}, ())
    assert lock_text(read_lock(text)[0]) == text


def test_a_host_asks_and_answers() -> None:
    """The queries come from the engine; the answers go into the catalog, as JSON too."""
    document = {
        "headrace": 1,
        "sources": {"t": {"rows": [{"g": 1, "k": "a"}, {"g": 1, "k": "b"}]}},
        "nodes": {"n": {"from": "t", "steps": [{"pivot": {"by": "g", "columns": "k", "values": {"n": "count()"}}}]}},
    }
    engine = Engine()
    asked = engine.discover(document)
    (query,) = asked.queries
    assert (query.node, query.step, query.schema.names) == ("n", "pivot_1", ("k",))
    assert "SELECT DISTINCT" in query.sql
    assert asked.to_json()["queries"][0]["columns"] == {"k": "text"}
    facts = {"columns": asked.to_json()["queries"][0]["columns"], "values": ["b", "a"]}
    catalog = {"pivots": {"n": {"pivot_1": facts}}}
    schema = engine.check(document, catalog).nodes["n"].schema
    assert schema is not None
    assert schema.names == ("g", "n_b", "n_a")
    written = json.loads(json.dumps(Catalog.from_json(catalog).to_json()))
    assert Catalog.from_json(written) == Catalog.from_json(catalog)
    with pytest.raises(ValueError, match="pivot pivot_1 of n: "):
        Catalog.from_json({"pivots": {"n": {"pivot_1": {"columns": {"k": "date"}, "values": ["b"]}}}})


def test_row_filters_hold_for_what_is_found() -> None:
    document = {
        "headrace": 1,
        "sources": {"t": {"rows": [{"k": "a"}]}},
        "nodes": {"n": {"from": "t", "steps": [{"pivot": {"columns": "k", "values": {"n": "count()"}}}]}},
    }
    (query,) = Engine().discover(document, row_filters={"t": 'k != "secret"'}).queries
    assert "'secret'" in query.sql
