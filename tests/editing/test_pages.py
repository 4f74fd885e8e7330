"""The pages for hosts and editors: their examples are true."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path

import pytest

from headrace.cli.application import COMMANDS
from headrace.models.schema import json_schema

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_examples_for_hosts_run() -> None:
    text = (DOCS / "embedding.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "embedding.md", None, 0)
    assert len(examples.examples) > 25
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.REPORT_ONLY_FIRST_FAILURE)
    said: list[str] = []
    runner.run(examples, out=said.append)
    assert "".join(said) == ""


@pytest.mark.parametrize("text", re.findall(r"```json\n(.*?)```", (DOCS / "editors.md").read_text("utf-8"), re.DOTALL))
def test_settings_of_editors_are_json(text: str) -> None:
    assert json.loads(text)


def test_the_commands_that_the_page_names_are_there() -> None:
    text = (DOCS / "editors.md").read_text("utf-8")
    named = set(re.findall(r"^\$ headrace (\w+)", text, re.MULTILINE))
    assert named == {"schema", "format"}
    assert {*named, "lsp"} <= {name for name, _ in COMMANDS}
    assert json_schema()["required"] == ["headrace"]
