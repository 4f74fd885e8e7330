"""``headrace lineage`` and ``headrace graph``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

Run = Callable[..., tuple[int, str, str]]

CDNOW = str(Path(__file__).resolve().parent.parent.parent / "examples" / "cdnow")


def test_upstream(run: Run) -> None:
    assert run("lineage", "sales_enriched.revenue", CDNOW)[:2] == (
        0,
        "sales_enriched.revenue  decimal\n"
        "└── customer_info.revenue  copied\n"
        "    └── sales.amount  aggregated: sum(amount)  in data/sales.csv\n"
        "\n"
        "Decided by, without being in the values:\n"
        "sales_enriched\n"
        "├── joined on customer_id = customer_info.customer_id  (sales.customer_id, customer_info.customer_id)\n"
        "└── filtered by revenue > 100  (customer_info.revenue)\n"
        "customer_info\n"
        "└── grouped by customer_id  (sales.customer_id)\n",
    )


def test_all_columns_of_a_node(run: Run) -> None:
    status, out, _ = run("lineage", "best_customers", CDNOW)
    assert status == 0
    assert (
        "best_customers.average_order  decimal\n├── customer_info.revenue  computed: round(revenue / orders, 2)" in out
    )
    assert "customer_info.orders  copied  = count()" in out
    assert "(as above)" in out


def test_downstream(run: Run) -> None:
    status, out, _ = run("lineage", "sales.amount", CDNOW, "--downstream")
    assert status == 0
    assert out == (
        "sales.amount  decimal\n"
        "├── customer_info.revenue  aggregated: sum(amount)\n"
        "│   ├── sales_enriched.revenue  copied\n"
        "│   ├── best_customers.revenue  copied\n"
        "│   └── best_customers.average_order  computed: round(revenue / orders, 2)\n"
        "├── sales_enriched.amount  copied\n"
        "└── active_customers.revenue  aggregated: sum(amount)\n"
        "\n"
        "Decides, without being in the values:\n"
        "sales_enriched\n"
        "└── filtered by revenue > 100  (customer_info.revenue)\n"
        "best_customers\n"
        "└── ordered by revenue  (customer_info.revenue)\n"
    )


def test_as_data(run: Run) -> None:
    status, out, _ = run("lineage", "customer_info.revenue", CDNOW, "--format", "json")
    assert status == 0
    assert json.loads(out) == {
        "headrace": 1,
        "of": {"relation": "customer_info", "column": "revenue"},
        "direction": "upstream",
        "edges": [
            {
                "from": {"relation": "sales", "column": "amount"},
                "to": {"relation": "customer_info", "column": "revenue"},
                "how": "aggregated",
                "direct": True,
                "through": [{"step": "aggregate_1", "column": "revenue", "formula": "sum(amount)"}],
            },
            {
                "from": {"relation": "sales", "column": None},
                "to": {"relation": "customer_info", "column": None},
                "how": "rows",
                "direct": False,
                "through": [],
            },
            {
                "from": {"relation": "sales", "column": "customer_id"},
                "to": {"relation": "customer_info", "column": None},
                "how": "grouped_by",
                "direct": False,
                "through": [{"step": "aggregate_1", "column": None, "formula": "customer_id"}],
            },
        ],
    }


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("customer_inf.revenue", "There is no node or source customer_inf. Did you mean customer_info?"),
        ("customer_info.revenu", "customer_info has no column revenu. Did you mean revenue?"),
        ("\x1b[31m", "There is no node or source ␛[31m."),
    ],
)
def test_names_that_are_not_there(name: str, said: str, run: Run) -> None:
    status, _, err = run("lineage", name, CDNOW)
    assert status == 2
    assert said in err


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "headrace.yaml").write_text(
        "headrace: 1\nname: odd\n"
        "sources:\n"
        "  a: {rows: [{b.c: 1, d: 2}], formulas: {half: d / 2}}\n"
        "  a.b: {rows: [{c: 1}]}\n"
        "nodes:\n"
        '  "\\e[31mred": {from: a, steps: [{select: [{h: half}]}]}\n'
        "  bad: {from: a, steps: [{select: [no]}]}\n"
    )
    return tmp_path


def test_dots_and_hostile_names(project: Path, run: Run) -> None:
    status, _, err = run("lineage", "a.b.c", str(project))
    assert status == 2
    assert "a.b.c can be read in several ways: write one of 'a.[b.c]', '[a.b].c'." in err
    assert run("lineage", "[a.b].c", str(project), "--downstream")[:2] == (0, "[a.b].c  integer\n")
    status, out, _ = run("lineage", "a.d", str(project), "--downstream")
    assert status == 0
    assert "\x1b" not in out
    assert "└── [␛[31mred].h  computed: d / 2" in out
    status, _, err = run("lineage", "a.half", str(project))
    assert status == 2
    assert "half is a formula of a, computed where it is used: d / 2. Ask for the columns it reads." in err


def test_a_node_with_mistakes_shows_them(project: Path, run: Run) -> None:
    status, _, err = run("lineage", "bad.no", str(project))
    assert status == 2
    assert "S110" in err


def test_graph_as_a_tree(run: Run) -> None:
    assert run("graph", CDNOW)[:2] == (
        0,
        "sales  file data/sales.csv\n"
        "├── ● customer_info  table: aggregate\n"
        "│   ├── ● sales_enriched  table: join, filter\n"
        "│   └── ● best_customers  table: derive, sort, limit\n"
        "├── ● sales_enriched  table: join, filter\n"
        "└── ● active_customers  table: for_each, filter, aggregate, derive\n"
        "\n"
        "● is kept in the warehouse\n",
    )


def test_graph_with_columns_of_a_part(run: Run) -> None:
    status, out, _ = run("graph", CDNOW, "--columns", "--upstream", "customer_info")
    assert status == 0
    assert out.splitlines()[:6] == [
        "sales  file data/sales.csv",
        "├── customer_id  integer",
        "├── order_date  date",
        "├── quantity  integer",
        "├── amount  decimal",
        "└── ● customer_info  table: aggregate",
    ]
    assert "best_customers" not in out
    assert "sales  file" not in run("graph", CDNOW, "--downstream", "customer_info")[1]


def test_graph_with_mistakes(project: Path, run: Run) -> None:
    status, out, _ = run("graph", str(project))
    assert status == 0
    assert "bad  inline: select  (has mistakes)" in out
    assert "\x1b" not in out


def test_graph_as_pictures_and_data(run: Run) -> None:
    ElementTree.fromstring(run("graph", CDNOW, "--format", "svg")[1])
    assert run("graph", CDNOW, "--format", "mermaid")[1].startswith("flowchart LR\n")
    assert run("graph", CDNOW, "--format", "dot")[1].startswith("digraph headrace {\n")
    assert {"from": "sales", "to": "customer_info"} in json.loads(run("graph", CDNOW, "--format", "json")[1])["edges"]


def test_graph_of_a_node_that_is_not_there(run: Run) -> None:
    status, _, err = run("graph", CDNOW, "--upstream", "customer_inf")
    assert status == 2
    assert "There is no node or source customer_inf. Did you mean customer_info?" in err
