"""The README is true: its documents load, its table has every step, its flow and SQL are those of the example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import headrace
from headrace.models import load_document, read_yaml
from headrace.models.schema import json_schema
from headrace.models.steps import STEPS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_each_document_loads(text: str) -> None:
    assert load_document(read_yaml(text)).diagnostics == ()


def test_the_flow_is_a_part_of_the_example() -> None:
    flow = (ROOT / "examples/cdnow/flows/customers.yaml").read_text("utf-8")
    (shown,) = blocks("yaml")
    nodes = shown[shown.index("nodes:") :]
    assert nodes.strip() in flow


def test_the_sql_is_what_the_example_compiles_to() -> None:
    (shown,) = blocks("sql")
    result = headrace.open(ROOT / "examples/cdnow").compile()
    assert result.ok
    assert (result.nodes["sales_enriched"].sql or "").strip() == shown.strip()


def test_the_table_has_every_step_and_its_examples_load() -> None:
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| `(.*)` \|$", README, re.MULTILINE)
    for _, example in rows:
        text = f"headrace: 1\nnodes:\n  x:\n    from: y\n    steps:\n      - {example}\n"
        assert load_document(read_yaml(text)).diagnostics == (), example
    text = str(json_schema())
    assert [step for step, _ in rows if f"'{step}'" not in text] == []
    assert {step for step, _ in rows} == set(STEPS)


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("True []\n('customer_id', 'revenue'")
