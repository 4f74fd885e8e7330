"""``headrace plan``, ``headrace rules``, ``compile --explain-rules`` and the options that leave rules out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import Run
from headrace.rules.optimizer import RULES

FLOW = """\
headrace: 1
flow: shop
sources:
  customers:
    keys: [[id]]
    rows: [{id: 1, country: FR}, {id: 2, country: DE}]
nodes:
  people: {from: customers, steps: [distinct: all], materialize: table}
  french: {from: customers, steps: [filter: country = "FR"]}
"""


@pytest.fixture
def flow(tmp_path: Path) -> str:
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW, "utf-8")
    return str(path)


def test_explain_rules_shows_before_and_after_and_writes_nothing(flow: str, run: Run) -> None:
    status, out, _ = run("compile", flow, "--explain-rules", "--rules", "distinct_on_keys")
    assert status == 0
    assert out.splitlines() == [
        "people",
        "  distinct_on_keys",
        "    before",
        "      from customers (2 rows), key id",
        "    - distinct_1",
        "    after",
        "      from customers (2 rows), key id",
        "",
        "No rule changes french.",
        "1 change in 1 node.",
    ]
    assert not (Path(flow).parent / "target").exists()


def test_firings_are_in_the_json_of_the_result(flow: str, run: Run) -> None:
    _, out, _ = run("compile", flow, "--format", "json")
    people = json.loads(out)["nodes"]["people"]
    assert people["rules"] == [firing["rule"] for firing in people["firings"]] == ["distinct_on_keys"]
    (change,) = people["firings"][0]["changes"]
    assert change["before"][-1] == {"text": "distinct_1", "changed": True}
    assert all(not line["changed"] for line in change["after"])


def test_without_rules_nothing_fires_and_the_sql_has_its_distinct(flow: str, run: Run) -> None:
    _, out, _ = run("compile", flow, "--explain-rules", "--no-rules")
    assert out == "No rule changes anything: the plans of people, french stay.\n"
    assert "DISTINCT" in run("compile", flow, "--stdout", "people", "--no-rules")[1]
    assert "DISTINCT" not in run("compile", flow, "--stdout", "people")[1]


def test_a_plan_with_and_without_rules(flow: str, run: Run) -> None:
    assert run("plan", "people", flow, "--no-rules")[1] == "from customers (2 rows), key id\ndistinct_1\n"
    assert run("plan", "people", flow)[1] == "from customers (2 rows), key id\n"
    told = json.loads(run("plan", "french", flow, "--format", "json")[1])["plan"]
    assert told[-1]["text"] == 'filter_1: country = "FR"'


@pytest.mark.parametrize("command", [("compile",), ("run",), ("preview", "people"), ("plan", "people")])
def test_an_unknown_rule_is_answered_with_those_there_are(flow: str, run: Run, command: tuple[str, ...]) -> None:
    status, _, err = run(*command, flow, "--rules", "distinct_on_keis")
    assert status == 2
    assert "There is no rule distinct_on_keis. Did you mean distinct_on_keys? The rules are " in err
    assert all(rule.name in err for rule in RULES)


def test_rules_and_no_rules_exclude_each_other(flow: str, run: Run) -> None:
    status, _, err = run("compile", flow, "--rules", "distinct_on_keys", "--no-rules")
    assert (status, "--rules and --no-rules exclude each other." in err) == (2, True)
    assert "No rule is named." in run("compile", flow, "--rules", ",")[2]


def test_the_plan_of_no_node(flow: str, run: Run) -> None:
    status, _, err = run("plan", "peeple", flow)
    assert (status, "There is no node peeple. Did you mean people?" in err) == (2, True)


def test_the_rules_and_one_of_them(run: Run) -> None:
    status, out, _ = run("rules")
    assert status == 0
    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == [rule.name for rule in RULES]
    assert "before: " in run("rules", "distinct_on_keys")[1]
    assert json.loads(run("rules", "--format", "json")[1])[0]["name"] == RULES[0].name
    assert "There is no rule distinct." in run("rules", "distinct")[2]
